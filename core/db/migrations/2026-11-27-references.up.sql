-- Keeps a row while rows of another table refer to it, and says how many do: the trigger's arguments are that table, its column, the
-- foreign key in whose name it speaks, and what is said of one and of several. The key itself holds against who comes meanwhile.
CREATE FUNCTION keep_while_used() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %I WHERE %I = $1', TG_ARGV[0], TG_ARGV[1]) INTO n USING OLD.id;
  IF n > 0 THEN
    RAISE EXCEPTION '% %', n, CASE n WHEN 1 THEN TG_ARGV[3] ELSE TG_ARGV[4] END
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_ARGV[2];
  END IF;
  RETURN OLD;
END $$;
