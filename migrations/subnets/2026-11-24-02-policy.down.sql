ALTER TABLE subnet
  DROP COLUMN strategy,
  DROP COLUMN child_strategy,
  DROP COLUMN min_child_prefix_length,
  DROP COLUMN max_child_prefix_length,
  DROP COLUMN default_child_prefix_length,
  DROP COLUMN cooldown_seconds,
  DROP COLUMN monitored;
