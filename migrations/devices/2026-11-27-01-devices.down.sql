DROP TABLE interface;
DROP TABLE device;
