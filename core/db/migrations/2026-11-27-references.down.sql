DROP FUNCTION keep_while_used();
