-- Custom fields: what a model's records may say beyond its columns. The values lie in the record's own column `custom_fields`, as an
-- object of scalars by name; what is kept here is which names there are, and what each takes.
CREATE TABLE custom_field (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- What the registry calls the records: `subnet`.
  model         text NOT NULL,
  name          text NOT NULL CONSTRAINT custom_field_name_check CHECK (name ~ '^[A-Za-z_][A-Za-z0-9_]{0,62}$'),
  label         text,
  description   text,
  type          text NOT NULL CONSTRAINT custom_field_type_check
                CHECK (type IN ('text', 'number', 'boolean', 'date', 'select', 'url', 'cidr')),
  required      boolean NOT NULL DEFAULT false,
  default_value jsonb,
  pattern       text,
  options       text[],
  minimum       numeric,
  maximum       numeric,
  -- The table of the records, from the trigger that the host keeps there; derived.
  of_table      text NOT NULL,
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text DEFAULT current_actor(),
  updated_by    text DEFAULT current_actor(),
  CONSTRAINT custom_field_key UNIQUE (model, name)
);
CREATE TRIGGER custom_field_version BEFORE UPDATE ON custom_field
  FOR EACH ROW EXECUTE FUNCTION keep_version('of_table');

-- One fault of a value or a definition, as the kernel tells it at a field of the body.
CREATE FUNCTION field_fault(path text, code text, message text) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN jsonb_build_array(jsonb_build_object('path', path, 'code', code, 'message', message));

-- A value as a field keeps it, or what is wrong with it. Numbers are those that JSON readers agree on.
CREATE FUNCTION custom_field_value(field custom_field, given jsonb, OUT canonical jsonb, OUT code text, OUT message text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  kind CONSTANT text := jsonb_typeof(given);
  wanted CONSTANT text := CASE field.type WHEN 'number' THEN 'number' WHEN 'boolean' THEN 'boolean' ELSE 'string' END;
  text CONSTANT text := given #>> '{}';
  most CONSTANT int := 2000;
BEGIN
  canonical := given;
  IF kind <> wanted THEN
    code := 'invalid-type';
    message := CASE field.type
      WHEN 'number' THEN 'It takes a number, such as 42, and not in quotes.'
      WHEN 'boolean' THEN 'It takes true or false, and not in quotes.'
      WHEN 'date' THEN 'It takes a date as text, such as "2026-11-24".'
      WHEN 'select' THEN format('It takes one of %s.', array_to_string(field.options, ', '))
      WHEN 'url' THEN 'It takes a URL as text, such as "https://wiki.example.net/racks".'
      WHEN 'cidr' THEN 'It takes a network as text, such as "10.0.0.0/24".'
      ELSE 'It takes text.' END;
  ELSIF wanted = 'string' AND length(text) > most THEN
    code := 'too-big';
    message := format('It takes at most %s characters.', most);
  ELSIF wanted = 'string' AND text !~ '\S' THEN
    code := 'too-small';
    message := 'It is empty; null takes a value away.';
  ELSE
    CASE field.type
    WHEN 'text' THEN
      IF text !~ field.pattern THEN
        code := 'invalid-format';
        message := format('"%s" does not match the pattern %s.', left(text, 50), field.pattern);
      END IF;
    WHEN 'number' THEN
      IF abs(text::numeric) > 9007199254740991 OR scale(trim_scale(text::numeric)) > 15 THEN
        code := 'too-big';
        message := 'It takes numbers of up to 9007199254740991, and up to 15 places.';
      ELSIF text::numeric < field.minimum THEN
        code := 'too-small';
        message := format('It must be at least %s.', trim_scale(field.minimum));
      ELSIF text::numeric > field.maximum THEN
        code := 'too-big';
        message := format('It must be at most %s.', trim_scale(field.maximum));
      ELSE
        canonical := to_jsonb(trim_scale(text::numeric));
      END IF;
    WHEN 'date' THEN
      IF NOT is_date(text) THEN
        code := 'invalid-format';
        message := format('"%s" is no date; it takes one such as 2026-11-24.', left(text, 50));
      END IF;
    WHEN 'select' THEN
      IF text <> ALL (field.options) THEN
        code := 'invalid-value';
        message := format('"%s" is no choice; it takes one of %s.', left(text, 50), array_to_string(field.options, ', '));
      END IF;
    WHEN 'url' THEN
      IF text !~* '^(https?|s?ftp|ssh|telnet)://[^\s/?#<>"]+[^\s<>"]*$' THEN
        code := 'invalid-format';
        message := format('"%s" is no URL; it takes one such as https://wiki.example.net/racks.', left(text, 50));
      END IF;
    WHEN 'cidr' THEN
      SELECT n.canonical, n.message INTO canonical, message FROM network_text(text) n;
      IF message IS NOT NULL THEN
        code := 'invalid-format';
      END IF;
    ELSE
    END CASE;
  END IF;
END $$;

CREATE FUNCTION is_date(given text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN given ~ '^\d{4}-\d{2}-\d{2}$' AND given::date IS NOT NULL;
EXCEPTION WHEN data_exception THEN
  RETURN false;
END $$;

-- A network as PostgreSQL writes it; an address is a network of itself alone.
CREATE FUNCTION network_text(given text, OUT canonical jsonb, OUT message text) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  network cidr;
BEGIN
  -- PostgreSQL would also read `10` and `10.1/16`.
  IF given ~ '^(\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(/\d{1,3})?$' THEN
    network := network(given::inet);
    canonical := to_jsonb(network::text);
    IF host(given::inet) <> host(network) THEN
      message := format('"%s" has host bits set; did you mean %s?', given, network);
    END IF;
  END IF;
  IF network IS NULL THEN
    message := format('"%s" is no network; it takes one such as 10.0.0.0/24 or 2001:db8::/48.', left(given, 50));
  END IF;
EXCEPTION WHEN data_exception THEN
  message := format('"%s" is no network; it takes one such as 10.0.0.0/24 or 2001:db8::/48.', left(given, 50));
END $$;

-- Of the values that a record of a model is given, those that are kept, and all faults. `kept` is what the record had, NULL for a
-- new one: what has not changed is left as it is, also where the rules have become stricter since.
CREATE FUNCTION custom_field_values(p_model text, given jsonb, kept jsonb, OUT accepted jsonb, OUT faults jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  field custom_field;
  value jsonb;
  checked record;
  names text[] := '{}';
  unknown int := 0;
BEGIN
  accepted := '{}';
  faults := '[]';
  FOR field IN SELECT * FROM custom_field WHERE model = p_model ORDER BY id LOOP
    names := names || field.name;
    value := given -> field.name;
    IF value IS NULL AND kept IS NULL THEN
      value := field.default_value;
    END IF;
    IF value IS NULL OR value = 'null' THEN
      -- An old record may lack what was required later; nobody may take it away. What is written as a consequence of something
      -- else has nobody who could be asked.
      IF field.required AND (kept IS NULL AND pg_trigger_depth() < 2 OR kept ? field.name) THEN
        faults := faults || field_fault('customFields.' || field.name, 'required',
          CASE WHEN kept IS NULL THEN 'It is missing.' ELSE 'It is required, and cannot be taken away.' END);
      END IF;
      CONTINUE;
    END IF;
    IF value IS DISTINCT FROM kept -> field.name THEN
      checked := custom_field_value(field, value);
      IF checked.code IS NOT NULL THEN
        faults := faults || field_fault('customFields.' || field.name, checked.code, checked.message);
        CONTINUE;
      END IF;
      value := checked.canonical;
    END IF;
    accepted := accepted || jsonb_build_object(field.name, value);
  END LOOP;
  IF given - names = '{}' THEN
    RETURN;
  END IF;
  -- Of many thousand that nobody knows a few are told: each comes with all names that are known.
  FOR checked IN SELECT g.key, g.value FROM jsonb_each(given) g WHERE g.key <> ALL (names) AND g.value <> 'null' LOOP
    IF checked.value IS NOT DISTINCT FROM kept -> checked.key THEN
      accepted := accepted || jsonb_build_object(checked.key, checked.value);
    ELSIF unknown < 20 THEN
      unknown := unknown + 1;
      faults := faults || jsonb_build_array(jsonb_build_object('path', 'customFields.' || checked.key,
        'code', 'unknown-key', 'key', checked.key, 'known', names, 'message', CASE WHEN names = '{}'
          THEN format('"%s" is not known here; %s has no custom fields.', checked.key, p_model)
          ELSE format('"%s" is not known here; known are %s.', checked.key, array_to_string(names, ', ')) END));
    END IF;
  END LOOP;
END $$;

-- Throws faults, for the kernel to tell each at its field and for a person in psql to read.
CREATE FUNCTION raise_field_faults(faults jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', (SELECT string_agg((f ->> 'path') || ': ' || (f ->> 'message'), ' ') FROM jsonb_array_elements(faults) f)
    USING ERRCODE = 'check_violation', CONSTRAINT = 'custom_field_faults', DETAIL = faults::text;
END $$;

-- On every table of a model with custom fields; the argument is the model.
CREATE FUNCTION check_custom_fields() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  outcome record;
BEGIN
  -- Who changes a definition writes its values itself.
  IF current_setting('cadastre.custom_fields', true) = 'held' THEN
    RETURN NEW;
  END IF;
  IF jsonb_typeof(NEW.custom_fields) <> 'object' THEN
    PERFORM raise_field_faults(field_fault('customFields', 'invalid-type', 'It takes an object: names and values.'));
  END IF;
  outcome := custom_field_values(TG_ARGV[0], NEW.custom_fields, CASE WHEN TG_OP = 'UPDATE' THEN OLD.custom_fields END);
  IF outcome.faults <> '[]' THEN
    PERFORM raise_field_faults(outcome.faults);
  END IF;
  NEW.custom_fields := outcome.accepted;
  RETURN NEW;
END $$;
