DROP TABLE discovery;
DROP TABLE conflict;
