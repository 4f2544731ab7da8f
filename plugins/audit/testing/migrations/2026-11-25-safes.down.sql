DROP TABLE safe, site;
