DROP TABLE panel_session;
