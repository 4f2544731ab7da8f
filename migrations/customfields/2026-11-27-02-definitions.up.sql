-- What must hold of the definitions of custom fields, and what follows from their changes.

-- What is wrong with a regular expression; NULL for one that can be used. It is for text that clients send, so it must be quick
-- whatever that is: PostgreSQL reads a text once, unless the expression refers back to what it matched, or looks round, which reads
-- it again at each character, and once more for each look within a look. One that is long to prepare is refused, too, since each
-- new connection prepares it.
CREATE FUNCTION pattern_fault(pattern text, OUT code text, OUT message text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  began timestamptz := clock_timestamp();
BEGIN
  code := 'invalid-pattern';
  IF length(pattern) NOT BETWEEN 1 AND 200 THEN
    message := 'It takes 1 to 200 characters.';
  ELSIF regexp_replace(pattern, '\\[^1-9]', '', 'g') ~ '\\[1-9]' THEN
    message := 'It refers back to what it matched (\1), which would take too long; write it without.';
  ELSIF regexp_replace(pattern, '\\.', '', 'g') ~ '\(\?<?[=!]' THEN
    message := 'It looks ahead or behind, as (?=…) does, which would take too long; write it without.';
  ELSE
    PERFORM '' ~ pattern;
    IF clock_timestamp() - began > interval '250 ms' THEN
      message := 'It takes too long to prepare; use smaller counts in braces.';
    END IF;
  END IF;
  IF message IS NULL THEN
    code := NULL;
  END IF;
EXCEPTION WHEN invalid_regular_expression THEN
  message := format('It is no regular expression: %s.', regexp_replace(SQLERRM, '^invalid regular expression: ', ''));
END $$;

-- What a definition says must hold together; every fault is told at its field. Writers of the model's table wait until the
-- transaction is over, and see the new definition then: none of them has a value that it does not know.
CREATE FUNCTION check_custom_field() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  faults jsonb := '[]';
  checked record;
  n bigint;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.name, NEW.type, NEW.required, NEW.default_value, NEW.pattern, NEW.options, NEW.minimum, NEW.maximum, NEW.model)
       IS NOT DISTINCT FROM
       (OLD.name, OLD.type, OLD.required, OLD.default_value, OLD.pattern, OLD.options, OLD.minimum, OLD.maximum, OLD.model) THEN
      NEW.of_table := OLD.of_table;
      RETURN NEW;
    END IF;
    IF NEW.model <> OLD.model THEN
      PERFORM raise_field_faults(field_fault('model', 'not-changeable',
        'The model of a field cannot be changed; make a field of the other model.'));
    END IF;
  END IF;
  NEW.of_table := custom_field_table(NEW.model);
  IF NEW.of_table IS NULL THEN
    PERFORM raise_field_faults(field_fault('model', 'invalid-value',
      format('"%s" is no model with custom fields.', NEW.model)));
  END IF;
  -- Where values are going to be written, also those wait who lock a record before they write it: else each would wait for the other.
  EXECUTE format('LOCK TABLE %I IN %s MODE', NEW.of_table,
    CASE WHEN TG_OP = 'UPDATE' AND NEW.name <> OLD.name THEN 'EXCLUSIVE' ELSE 'SHARE ROW EXCLUSIVE' END);

  NEW.options := nullif(NEW.options, '{}');
  IF NEW.pattern IS NOT NULL THEN
    IF NEW.type <> 'text' THEN
      faults := faults || field_fault('pattern', 'not-for-type', format('Only text has a pattern, and this is %s.', NEW.type));
    ELSE
      checked := pattern_fault(NEW.pattern);
      IF checked.code IS NOT NULL THEN
        faults := faults || field_fault('pattern', checked.code, checked.message);
      END IF;
    END IF;
  END IF;
  IF NEW.type = 'select' THEN
    IF coalesce(cardinality(NEW.options), 0) = 0 THEN
      faults := faults || field_fault('options', 'required', 'A select has at least one option.');
    ELSIF EXISTS (SELECT FROM unnest(NEW.options) o WHERE coalesce(o, '') !~ '\S')
       OR cardinality(NEW.options) <> (SELECT count(DISTINCT o) FROM unnest(NEW.options) o) THEN
      faults := faults || field_fault('options', 'invalid-value', 'Each option is some text, and is there once.');
    END IF;
  ELSIF NEW.options IS NOT NULL THEN
    faults := faults || field_fault('options', 'not-for-type', format('Only a select has options, and this is %s.', NEW.type));
  END IF;
  IF NEW.type <> 'number' THEN
    IF NEW.minimum IS NOT NULL THEN
      faults := faults || field_fault('minimum', 'not-for-type', format('Only a number has a minimum, and this is %s.', NEW.type));
    END IF;
    IF NEW.maximum IS NOT NULL THEN
      faults := faults || field_fault('maximum', 'not-for-type', format('Only a number has a maximum, and this is %s.', NEW.type));
    END IF;
  ELSIF NEW.minimum > NEW.maximum THEN
    faults := faults || field_fault('maximum', 'too-small', 'The maximum is less than the minimum.');
  END IF;
  IF NEW.default_value = 'null' THEN
    NEW.default_value := NULL;
  END IF;
  IF NEW.default_value IS NOT NULL AND faults = '[]' THEN
    checked := custom_field_value(NEW, NEW.default_value);
    IF checked.code IS NOT NULL THEN
      faults := faults || field_fault('default', checked.code, checked.message);
    END IF;
    NEW.default_value := checked.canonical;
  END IF;
  IF faults <> '[]' THEN
    PERFORM raise_field_faults(faults);
  END IF;

  IF TG_OP = 'INSERT' OR NEW.name <> OLD.name THEN
    -- Values from before, as of a time when nobody checked them.
    -- A record that has one of the former name, too, would lose the other.
    EXECUTE format($sql$SELECT count(*) FROM %I t CROSS JOIN LATERAL custom_field_value($1, t.custom_fields -> $2) c
                         WHERE t.custom_fields <> '{}' AND t.custom_fields ? $2 AND (c.code IS NOT NULL OR t.custom_fields ? $3)$sql$,
                   NEW.of_table)
      INTO n USING NEW, NEW.name, CASE WHEN TG_OP = 'UPDATE' THEN OLD.name END;
    IF n > 0 THEN
      RAISE EXCEPTION 'Records with a value of this name that the field would refuse or replace: %. Change those first.', n
        USING ERRCODE = 'check_violation', CONSTRAINT = 'custom_field_in_use';
    END IF;
  END IF;
  IF TG_OP = 'INSERT' THEN
    RETURN NEW;
  END IF;
  IF NEW.type <> OLD.type THEN
    n := custom_field_uses(OLD);
    IF n > 0 THEN
      RAISE EXCEPTION 'Records with a value of this field: %. While there are any, its type stays.', n
        USING ERRCODE = 'check_violation', CONSTRAINT = 'custom_field_in_use';
    END IF;
  ELSIF NOT NEW.options @> OLD.options THEN
    EXECUTE format($sql$SELECT count(*) FROM %I WHERE custom_fields <> '{}' AND custom_fields ->> $1 = ANY ($2)$sql$, NEW.of_table)
      INTO n USING OLD.name, ARRAY(SELECT unnest(OLD.options) EXCEPT SELECT unnest(NEW.options));
    IF n > 0 THEN
      RAISE EXCEPTION 'Records with an option that would go: %. Change those first.', n
        USING ERRCODE = 'check_violation', CONSTRAINT = 'custom_field_in_use';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER custom_field_check BEFORE INSERT OR UPDATE ON custom_field
  FOR EACH ROW EXECUTE FUNCTION check_custom_field();

-- The table of a model: that on which the host keeps the trigger. NULL where there is none.
CREATE FUNCTION custom_field_table(model text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT c.relname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
   WHERE t.tgfoid = 'check_custom_fields()'::regprocedure AND c.relnamespace = current_schema()::regnamespace
     AND t.tgargs = convert_to(model, 'UTF8') || '\x00' LIMIT 1
$$;

-- How many records have a value of a field.
CREATE FUNCTION custom_field_uses(field custom_field) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  n bigint;
BEGIN
  IF to_regclass(quote_ident(field.of_table)) IS NOT NULL THEN
    EXECUTE format($sql$SELECT count(*) FROM %I WHERE custom_fields <> '{}' AND custom_fields ? $1$sql$, field.of_table)
      INTO n USING field.name;
  END IF;
  RETURN coalesce(n, 0);
END $$;

-- A field that has values does not go before they do.
CREATE FUNCTION check_custom_field_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  IF to_regclass(quote_ident(OLD.of_table)) IS NOT NULL THEN
    EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', OLD.of_table);
  END IF;
  n := custom_field_uses(OLD);
  IF n > 0 THEN
    RAISE EXCEPTION 'Records with a value of this field: %. It is deleted together with them by cascade=values.', n
      USING ERRCODE = 'check_violation', CONSTRAINT = 'custom_field_in_use';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER custom_field_gone BEFORE DELETE ON custom_field
  FOR EACH ROW EXECUTE FUNCTION check_custom_field_gone();

-- Gives the values of a field another name, or takes them away, in all records of its model.
CREATE FUNCTION move_custom_values(field custom_field, new_name text) RETURNS bigint LANGUAGE plpgsql
  SET cadastre.custom_fields = 'held' SET cadastre.branches = '' AS $$
DECLARE
  n bigint;
BEGIN
  EXECUTE format('LOCK TABLE %I IN EXCLUSIVE MODE', field.of_table);
  EXECUTE format($sql$UPDATE %I SET custom_fields = custom_fields - $1
                   || CASE WHEN $2 IS NULL THEN '{}' ELSE jsonb_build_object($2, custom_fields -> $1) END
                 WHERE custom_fields <> '{}' AND custom_fields ? $1$sql$, field.of_table) USING field.name, new_name;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;

CREATE FUNCTION rename_custom_values() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM move_custom_values(OLD, NEW.name);
  RETURN NULL;
END $$;
CREATE TRIGGER custom_field_renamed AFTER UPDATE OF name ON custom_field
  FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION rename_custom_values();

-- What a table needs on account of its fields: an index for looking for values, and, while a field is required or has a default,
-- the check of new records that say nothing of custom fields, too. Neither is taken away again, for that would have everybody who
-- reads the table wait behind whoever has read it for long: an index of no values costs nothing, and the check is only switched off.
CREATE FUNCTION keep_custom_field_table(p_table text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  index_name CONSTANT text := left(p_table, 40) || '_custom_fields_gin';
  relation CONSTANT regclass := to_regclass(quote_ident(p_table));
  guard "char";
  p_model text;
  due boolean;
BEGIN
  IF relation IS NULL THEN
    RETURN;
  END IF;
  SELECT max(model), bool_or(required OR default_value IS NOT NULL) INTO p_model, due
    FROM custom_field WHERE of_table = p_table;
  IF p_model IS NOT NULL AND to_regclass(quote_ident(index_name)) IS NULL THEN
    EXECUTE format($sql$CREATE INDEX %I ON %I USING gin (custom_fields jsonb_path_ops) WHERE custom_fields <> '{}'$sql$,
      index_name, p_table);
  END IF;
  SELECT tgenabled INTO guard FROM pg_trigger WHERE tgrelid = relation AND tgname = 'custom_fields_due';
  IF due IS TRUE AND guard IS NULL THEN
    EXECUTE format($sql$CREATE TRIGGER custom_fields_due BEFORE INSERT ON %I FOR EACH ROW WHEN (NEW.custom_fields = '{}')
                     EXECUTE FUNCTION check_custom_fields(%L)$sql$, p_table, p_model);
  ELSIF due IS TRUE AND guard = 'D' THEN
    EXECUTE format('ALTER TABLE %I ENABLE TRIGGER custom_fields_due', p_table);
  ELSIF due IS NOT TRUE AND guard <> 'D' THEN
    EXECUTE format('ALTER TABLE %I DISABLE TRIGGER custom_fields_due', p_table);
  END IF;
END $$;
REVOKE ALL ON FUNCTION keep_custom_field_table(text) FROM PUBLIC;

CREATE FUNCTION custom_fields_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM keep_custom_field_table(coalesce(NEW.of_table, OLD.of_table));
  RETURN NULL;
END $$;
CREATE TRIGGER custom_field_changed AFTER INSERT OR DELETE OR UPDATE OF required, default_value ON custom_field
  FOR EACH ROW EXECUTE FUNCTION custom_fields_changed();
