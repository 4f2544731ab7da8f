-- What makes the log trustworthy: seals over its rows, partitions made ahead, and whole months that go when their time is over.

-- Seals are in the order of transactions, then of ids: among transactions that are all older than every running one, nothing
-- comes in any more.
CREATE INDEX audit_log_seal_idx ON audit_log (xact, id);

-- One seal over at most a thousand rows of one month: those between two positions (xact, id), the first excluded, the last
-- included. `head` is an HMAC, by a key that is not in the database, of the columns before it and of the head before it; `root`
-- stands for `ids` and `digests` in it. Transactions of another server have other numbers, so a restored log begins a new line:
-- its seals are about the rows with ids above `above_id`, those before about the rows up to it.
CREATE TABLE audit_seal (
  id        bigint PRIMARY KEY,
  previous  bytea NOT NULL CONSTRAINT audit_seal_previous_key UNIQUE,
  made_at   timestamptz NOT NULL,
  server    text NOT NULL,
  above_id  bigint NOT NULL,
  from_xact xid8 NOT NULL,
  from_id   bigint NOT NULL,
  upto_xact xid8 NOT NULL,
  upto_id   bigint NOT NULL,
  first_at  timestamptz,
  last_at   timestamptz,
  root      bytea NOT NULL,
  key_id    text NOT NULL,
  head      bytea NOT NULL CONSTRAINT audit_seal_head_key UNIQUE,
  ids       bigint[] NOT NULL,
  -- SHA-256 of each row, one after the other.
  digests   bytea NOT NULL
);
ALTER TABLE audit_seal ALTER digests SET STORAGE EXTERNAL;
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Waits until nobody is writing the log, and lets nobody until the transaction ends. The application's role may not lock it itself.
CREATE FUNCTION hold_audit_log() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  LOCK TABLE audit_log IN SHARE MODE;
END $$;
REVOKE ALL ON FUNCTION hold_audit_log() FROM PUBLIC;

-- Makes the partitions of this month and those ahead, and answers their names. Rows that the default partition caught while a month
-- had none go to partitions of their months first: an empty default takes the place of the old one, whose rows are written anew.
CREATE FUNCTION make_audit_months(ahead int DEFAULT 3) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  of_day date;
  made text;
BEGIN
  IF EXISTS (SELECT FROM audit_log_default) THEN
    ALTER TABLE audit_log DETACH PARTITION audit_log_default;
    ALTER TABLE audit_log_default RENAME TO audit_log_caught;
    CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;
    CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log_default
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
    FOR of_day IN SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'UTC')::date FROM audit_log_caught LOOP
      made := make_audit_month(of_day);
      IF made IS NOT NULL THEN RETURN NEXT made; END IF;
    END LOOP;
    INSERT INTO audit_log OVERRIDING SYSTEM VALUE SELECT * FROM audit_log_caught;
    DROP TABLE audit_log_caught;
  END IF;
  FOR of_day IN SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date
                  FROM generate_series(0, ahead) AS n LOOP
    made := make_audit_month(of_day);
    IF made IS NOT NULL THEN RETURN NEXT made; END IF;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION make_audit_months(int) FROM PUBLIC;

-- How many whole months are kept beside the current one; NULL: all. The owner replaces it, so that the application's role can have dropped what the
-- owner has decided, and nothing else.
CREATE FUNCTION audit_months_kept() RETURNS int LANGUAGE sql IMMUTABLE RETURN NULL::int;

CREATE FUNCTION keep_audit_months(months int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF audit_months_kept() IS DISTINCT FROM months THEN
    EXECUTE format('CREATE OR REPLACE FUNCTION audit_months_kept() RETURNS int LANGUAGE sql IMMUTABLE RETURN %L::int', months);
  END IF;
END $$;

-- Drops the months whose time is over, the oldest first, and answers their names. Of each there is a row in the log.
CREATE FUNCTION drop_audit_months() RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  of_day date;
  gone text;
  held bigint;
BEGIN
  FOR gone, of_day IN
    SELECT c.relname, to_date(right(c.relname, 7), 'YYYY_MM')
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'audit_log'::regclass AND c.relname ~ '^audit_log_\d{4}_\d{2}$'
       AND to_date(right(c.relname, 7), 'YYYY_MM')
           < date_trunc('month', now() AT TIME ZONE 'UTC') - audit_months_kept() * interval '1 month'
     ORDER BY c.relname
  LOOP
    EXECUTE format('SELECT count(*) FROM %I', gone) INTO held;
    EXECUTE format('DROP TABLE %I', gone);
    INSERT INTO audit_log (change_id, actor, source, action, entity, entity_id, subject, key, before)
    SELECT c.change_id, c.actor, c.source, 'delete', 'audit-month', month, month, jsonb_build_object('month', month),
           jsonb_build_object('rows', held)
      FROM audit_caller() c, to_char(of_day, 'YYYY-MM') AS month;
    RETURN NEXT gone;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION drop_audit_months() FROM PUBLIC;
