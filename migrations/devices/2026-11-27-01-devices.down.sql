DROP TRIGGER site_kept_by_devices ON site;
DROP TABLE interface;
DROP TABLE device;
DROP FUNCTION keep_at_device();
