-- The audit log: one row per changed row of a registered table, written in the transaction that changed it, by triggers that
-- the host puts on every such table. Nothing in it is ever changed.
--
-- `before` and `after` hold the business columns by their names in the table, those that are NULL left out: what is not there
-- was NULL. A secret column is never in them; `secrets` names those that were set, changed or lost.
-- `key` is the natural key, in wire names, references by natural key, too; `subject` is its last part as text, for look-ups.
-- Of one record, ids are in the order of its changes, whatever the clock does: whoever writes it next waits for its lock.
CREATE TABLE audit_log (
  id             bigint GENERATED ALWAYS AS IDENTITY,
  at             timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The transaction: once every running one is younger, no row comes in among the older ones any more.
  xact           xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- What one request, job or import changed together.
  change_id      uuid NOT NULL,
  actor          text COLLATE "C" NOT NULL,
  db_user        text COLLATE "C" NOT NULL DEFAULT session_user,
  source         text COLLATE "C" NOT NULL CONSTRAINT audit_log_source_check CHECK (source IN ('rest', 'panel', 'job', 'cli', 'db')),
  source_address inet,
  request_id     text COLLATE "C",
  action         text COLLATE "C" NOT NULL CONSTRAINT audit_log_action_check CHECK (action IN ('create', 'update', 'delete')),
  entity         text COLLATE "C" NOT NULL,
  entity_id      text COLLATE "C" NOT NULL,
  subject        text COLLATE "C" NOT NULL,
  key            jsonb NOT NULL,
  secrets        text[],
  before         jsonb,
  after          jsonb,
  CONSTRAINT audit_log_pkey PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);

-- What every insert pays for; all but that by subject grow at their right end, or at a few places.
CREATE INDEX audit_log_id_idx ON audit_log (id);
CREATE INDEX audit_log_actor_idx ON audit_log (actor, at, id);
CREATE INDEX audit_log_entity_idx ON audit_log (entity, at, id);
-- Deletions are few, and asked for by those who miss something; nothing else pays for them.
CREATE INDEX audit_log_gone_idx ON audit_log (at, id) WHERE action = 'delete';
CREATE INDEX audit_log_record_idx ON audit_log (entity_id);
CREATE INDEX audit_log_subject_idx ON audit_log (subject);
CREATE INDEX audit_log_change_idx ON audit_log (change_id, at, id);
CREATE INDEX audit_log_request_idx ON audit_log (request_id) WHERE request_id IS NOT NULL;

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

-- On every audited table: TRUNCATE tells nobody which rows are gone.
CREATE FUNCTION refuse_unaudited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% cannot be truncated, which the audit log could not record; use DELETE.', TG_TABLE_NAME
    USING ERRCODE = 'feature_not_supported';
END $$;

-- On the parent, and by that on every partition, however it is named.
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- What no month has. Partitions do not inherit a trigger on TRUNCATE: each gets its own.
CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log_default
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Makes the partition of the month of a day (UTC) and answers its name; NULL where it is there. It is made apart and then attached,
-- which keeps nobody from writing; where the default partition has rows of that month, that fails: see make_audit_months.
CREATE FUNCTION make_audit_month(of_day date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  first timestamptz := date_trunc('month', of_day::timestamp) AT TIME ZONE 'UTC';
  next timestamptz := (date_trunc('month', of_day::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
  name text := 'audit_log_' || to_char(of_day, 'YYYY_MM');
BEGIN
  IF to_regclass(name) IS NOT NULL THEN
    RETURN NULL;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE audit_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', name);
  EXECUTE format('ALTER TABLE audit_log ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, first, next);
  EXECUTE format('CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON %I
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()', name);
  RETURN name;
END $$;
SELECT make_audit_month((now() AT TIME ZONE 'UTC')::date);
SELECT make_audit_month((now() AT TIME ZONE 'UTC' + interval '1 month')::date);

-- Who writes, and why, as the transaction carries it; a person in psql carries nothing. `others` is there where one statement
-- writes for several, who stand in cadastre.callers: by the row's subject, and '' for whoever's are the rows that are not named.
-- An entry has, in this order, actor, change id, request id, source and source address, '' for none.
CREATE FUNCTION audit_caller(OUT actor text, OUT change_id uuid, OUT request_id text, OUT source text, OUT source_address inet,
                             OUT others jsonb) LANGUAGE plpgsql STABLE AS $$
DECLARE
  several jsonb := nullif(current_setting('cadastre.callers', true), '');
BEGIN
  IF several IS NOT NULL THEN
    others := jsonb_build_object('', several->'callers'->0) || coalesce((
      SELECT jsonb_object_agg(s.subject, several->'callers'->(coalesce((several->'owners'->>(nth::int - 1))::int, nth::int) - 1))
        FROM jsonb_array_elements_text(several->'subjects') WITH ORDINALITY AS s (subject, nth)
        WHERE jsonb_array_length(several->'callers') > 1), '{}');
    RETURN;
  END IF;
  actor := current_actor();
  change_id := coalesce(nullif(current_setting('cadastre.change_id', true), '')::uuid, own_change_id());
  request_id := nullif(current_setting('cadastre.request_id', true), '');
  source := coalesce(nullif(current_setting('cadastre.source', true), ''), 'db');
  source_address := nullif(current_setting('cadastre.source_address', true), '');
END $$;

-- The change id of a transaction that brings none: a UUID of version 7 (RFC 9562) made of its start and its number, so that it
-- is the same at every statement.
CREATE FUNCTION own_change_id() RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000'
          || to_hex(x'8000000000000000'::bigint | (pg_current_xact_id()::text::bigint & x'3fffffffffffffff'::bigint)))::uuid
$$;
