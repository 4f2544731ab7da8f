-- Values stay where they are: they belong to the records.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE '%\_custom\_fields\_gin' LOOP
    EXECUTE format('DROP INDEX %I', name);
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
