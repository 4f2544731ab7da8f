-- The panel's sessions, in the columns that connect-pg-simple reads and writes.
CREATE TABLE panel_session (
  sid    varchar PRIMARY KEY,
  sess   json NOT NULL,
  expire timestamp(6) NOT NULL
);
CREATE INDEX panel_session_expire_idx ON panel_session (expire);
