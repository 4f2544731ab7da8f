-- Who is told of what, and by what way.
CREATE TABLE notifier (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL CONSTRAINT notifier_name_key UNIQUE,
  -- What plugins bring, and may take away again: the plugin checks it.
  kind          text NOT NULL,
  events        text[] NOT NULL,
  enabled       boolean NOT NULL DEFAULT true,
  settings      jsonb NOT NULL,
  -- Secret settings by name, each encrypted by the process where it has a key.
  secrets       jsonb,
  description   text,
  tags          text[] NOT NULL DEFAULT '{}',
  metadata      jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text DEFAULT current_actor(),
  updated_by    text DEFAULT current_actor()
);
CREATE TRIGGER notifier_version BEFORE UPDATE ON notifier FOR EACH ROW EXECUTE FUNCTION keep_version();

-- What a notifier was, or is to be, told: written by the transaction in which it happened.
CREATE TABLE delivery (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  notifier_id     bigint NOT NULL CONSTRAINT delivery_notifier_fkey REFERENCES notifier ON DELETE CASCADE,
  event           text NOT NULL,
  -- One sentence for people.
  summary         text NOT NULL,
  payload         jsonb NOT NULL,
  -- Whose deed it was, and the change that it belongs to.
  actor           text NOT NULL,
  change_id       uuid NOT NULL,
  state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  -- How often it was begun; whoever ends an attempt shows its number.
  attempts        int NOT NULL DEFAULT 0,
  -- While it is pending: when it may be begun again. Whoever begins it moves this on, so that it comes back if he dies.
  due_at          timestamptz NOT NULL DEFAULT now(),
  attempted_at    timestamptz,
  response_status int,
  -- What the last attempt failed of.
  error           text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  finished_at     timestamptz,
  CONSTRAINT delivery_finished CHECK ((finished_at IS NULL) = (state = 'pending'))
) WITH (fillfactor = 80);
CREATE INDEX delivery_pending ON delivery (notifier_id, due_at, id) WHERE state = 'pending';
CREATE INDEX delivery_failed ON delivery (id) WHERE state = 'failed';
CREATE INDEX delivery_finished ON delivery (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX delivery_by_notifier ON delivery (notifier_id, id);
CREATE INDEX delivery_by_event ON delivery (event, id);
CREATE INDEX delivery_by_time ON delivery (created_at, id);

-- Notifiers whose receiver is unwell: nothing is sent there meanwhile, so that nobody waits for it again and again.
CREATE TABLE notifier_rest (
  notifier_id bigint PRIMARY KEY REFERENCES notifier ON DELETE CASCADE,
  failures    int NOT NULL DEFAULT 1,
  until       timestamptz NOT NULL
);
