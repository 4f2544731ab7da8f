DROP FUNCTION keep_version();
DROP FUNCTION current_actor();
DROP TABLE outbox;
