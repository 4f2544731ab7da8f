-- Jobs that run by the clock: when each is due, and who is running it.
CREATE TABLE periodic_job (
  name             text PRIMARY KEY,
  -- The cron expression that due_at was worked out from.
  every            text NOT NULL,
  -- The occurrence that runs next, or runs now: it moves on when a run has ended, so that one cut short is due still.
  due_at           timestamptz NOT NULL,
  -- Who runs it, and until when that counts unless it is renewed.
  lease            uuid,
  leased_until     timestamptz,
  last_started_at  timestamptz,
  last_finished_at timestamptz,
  -- NULL: the last run succeeded.
  last_error       text,
  -- Runs that ended, and how many failed in a row.
  runs             bigint NOT NULL DEFAULT 0,
  failures         int NOT NULL DEFAULT 0
);
