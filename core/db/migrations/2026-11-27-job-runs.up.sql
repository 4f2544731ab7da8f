-- Work that was enqueued and what became of it. The queue (Redis or pg-boss) only carries tickets; the truth is here, the same
-- for both, so that neither a queue that lost its memory nor a worker that died takes a run away.
CREATE TABLE job_run (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- `plugin.job`.
  name                text NOT NULL,
  plugin              text NOT NULL GENERATED ALWAYS AS (split_part(name, '.', 1)) STORED,
  state               text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- Higher is sooner.
  priority            int NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 100),
  data                jsonb NOT NULL DEFAULT '{}',
  -- While a run of this key is queued or runs, there is no second one.
  dedupe_key          text,
  -- Of a job that repeats: the moment of its schedule that this run is for.
  occurrence          timestamptz,
  due_at              timestamptz NOT NULL DEFAULT now(),
  -- What the queue carries. Whoever begins the run shows it; a new one makes the old one worthless, wherever it still is.
  ticket              uuid NOT NULL DEFAULT gen_random_uuid(),
  -- When the queue took the ticket; NULL: it has yet to be handed over.
  handed_at           timestamptz,
  -- The worker's claim, unless renewed.
  leased_until        timestamptz,
  -- How often it was begun; how often it threw since it was enqueued or retried, and how often it may; how often its worker died.
  attempts            int NOT NULL DEFAULT 0,
  failures            int NOT NULL DEFAULT 0,
  most_failures       int NOT NULL DEFAULT 1,
  crashes             int NOT NULL DEFAULT 0,
  -- NULL: it has not said.
  progress_done       bigint NOT NULL DEFAULT 0,
  progress_total      bigint,
  -- What the last failure said.
  error               text,
  cancel_requested_at timestamptz,
  -- Who enqueued it, and the change that what it does belongs to.
  actor               text NOT NULL,
  change_id           uuid NOT NULL,
  created_at          timestamptz NOT NULL DEFAULT now(),
  started_at          timestamptz,
  finished_at         timestamptz,
  CONSTRAINT job_run_finished CHECK ((finished_at IS NULL) = (state IN ('queued', 'running')))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX job_run_ticket ON job_run (ticket);
CREATE UNIQUE INDEX job_run_dedupe ON job_run (name, dedupe_key) WHERE state IN ('queued', 'running') AND dedupe_key IS NOT NULL;
CREATE UNIQUE INDEX job_run_occurrence ON job_run (name, occurrence) WHERE occurrence IS NOT NULL;
CREATE INDEX job_run_live ON job_run (state, name) WHERE state IN ('queued', 'running');
CREATE INDEX job_run_to_hand_over ON job_run (id) WHERE state = 'queued' AND handed_at IS NULL;
CREATE INDEX job_run_handed ON job_run (handed_at) WHERE state = 'queued' AND handed_at IS NOT NULL;
CREATE INDEX job_run_finished ON job_run (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX job_run_dead ON job_run (id) WHERE state = 'failed';
CREATE INDEX job_run_by_name ON job_run (name, id);
