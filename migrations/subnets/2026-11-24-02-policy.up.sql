-- How a subnet hands out addresses and subnets. The names of strategies are text: plugins bring them.
ALTER TABLE subnet
  -- Of addresses; NULL: the lowest.
  ADD COLUMN strategy       text,
  -- Of subnets; NULL: best fit.
  ADD COLUMN child_strategy text,
  -- The prefix lengths that subnets handed out of it may have; NULL: any.
  ADD COLUMN min_child_prefix_length smallint,
  ADD COLUMN max_child_prefix_length smallint,
  -- What is handed out where a request names no length; NULL: it has to.
  ADD COLUMN default_child_prefix_length smallint,
  -- Rest of a released address; NULL: as the setting of the plugin says.
  ADD COLUMN cooldown_seconds int,
  -- Whether it has a metric of its own.
  ADD COLUMN monitored boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT subnet_cooldown_check CHECK (cooldown_seconds BETWEEN 0 AND 31536000),
  ADD CONSTRAINT subnet_child_length_check CHECK (
    least(min_child_prefix_length, max_child_prefix_length, default_child_prefix_length) > masklen(cidr)
    AND greatest(min_child_prefix_length, max_child_prefix_length, default_child_prefix_length)
          <= CASE family(cidr) WHEN 4 THEN 32 ELSE 128 END),
  ADD CONSTRAINT subnet_child_length_order_check CHECK (
    coalesce(min_child_prefix_length <= max_child_prefix_length, true)
    AND coalesce(min_child_prefix_length <= default_child_prefix_length, true)
    AND coalesce(default_child_prefix_length <= max_child_prefix_length, true));
CREATE INDEX subnet_monitored_idx ON subnet (cidr, id) WHERE monitored;
CREATE INDEX subnet_strategy_idx ON subnet (strategy, cidr) WHERE strategy IS NOT NULL;
