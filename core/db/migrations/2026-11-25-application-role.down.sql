DROP FUNCTION refresh_statistics(regclass[]);
DROP FUNCTION grant_to_application(text);
