DROP TRIGGER app_user_drop_api_tokens ON app_user;
DROP FUNCTION drop_api_tokens();
DROP TABLE api_token;
