-- Attached by the host to every registered table, for transactions that are confined to branches (cadastre.branches, JSON):
-- refuses a row that lies outside of them, as it was and as it is to be. The first argument is SQL over the row's columns that
-- tells whether it lies inside ('' where nothing of the table does), the others name the columns that the database derives:
-- a change of those alone follows from somebody's change of another row, and is nobody's.
-- Before the row is written, so that whoever may not is told that, and not what else would have been wrong.
CREATE FUNCTION stay_within_branches() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  derived text[] := TG_ARGV[1:] || '{version,created_at,created_by,updated_at,updated_by}'::text[];
  is_inside text := format('SELECT %s FROM (SELECT ($1).*) AS r', coalesce(nullif(TG_ARGV[0], ''), 'false'));
  was_inside boolean := true;
  stays_inside boolean := true;
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - derived = to_jsonb(OLD) - derived THEN
    RETURN NEW;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    EXECUTE is_inside INTO was_inside USING OLD;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    EXECUTE is_inside INTO stays_inside USING NEW;
  END IF;
  IF was_inside AND stays_inside THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE EXCEPTION 'A row of % lies outside of the branches that this transaction is confined to.', TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'within_branches', TABLE = TG_TABLE_NAME;
END $$;
