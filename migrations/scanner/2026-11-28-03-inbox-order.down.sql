DROP INDEX discovery_inbox_idx;
DROP INDEX conflict_inbox_idx;
