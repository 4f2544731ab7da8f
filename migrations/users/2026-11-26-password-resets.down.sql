DROP TRIGGER app_user_drop_password_reset ON app_user;
DROP FUNCTION drop_password_reset();
DROP TABLE password_reset;
