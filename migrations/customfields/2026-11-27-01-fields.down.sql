-- Values stay where they are: they belong to the records.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT DISTINCT of_table FROM custom_field WHERE to_regclass(quote_ident(of_table)) IS NOT NULL LOOP
    EXECUTE format('DROP INDEX IF EXISTS %I', left(name, 40) || '_custom_fields_gin');
  END LOOP;
END $$;
DROP TABLE custom_field CASCADE;
-- With the triggers on the tables of other plugins.
DROP FUNCTION check_custom_fields() CASCADE;
DROP FUNCTION keep_custom_field_table(text);
DROP FUNCTION check_custom_field();
DROP FUNCTION check_custom_field_gone();
DROP FUNCTION rename_custom_values();
DROP FUNCTION custom_fields_changed();
DROP FUNCTION custom_field_table(text);
DROP FUNCTION custom_field_values(text, jsonb, jsonb);
DROP FUNCTION raise_field_faults(jsonb);
DROP FUNCTION pattern_fault(text);
DROP FUNCTION is_date(text);
DROP FUNCTION network_text(text);
DROP FUNCTION field_fault(text, text, text);
