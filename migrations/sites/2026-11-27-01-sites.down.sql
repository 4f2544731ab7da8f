DROP TABLE site;
DROP FUNCTION check_site_parent();
