DROP TABLE refresh_token;
DROP TABLE app_user;
DROP FUNCTION keep_an_admin();
DROP FUNCTION end_sign_ins();
