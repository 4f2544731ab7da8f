DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE '%\_custom\_fields\_gin' LOOP
    EXECUTE format('DROP INDEX %I', name);
  END LOOP;
  FOR name IN SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'custom_fields_due' LOOP
    EXECUTE format('DROP TRIGGER custom_fields_due ON %s', name);
  END LOOP;
END $$;
DROP TRIGGER custom_field_check ON custom_field;
DROP TRIGGER custom_field_gone ON custom_field;
DROP TRIGGER custom_field_renamed ON custom_field;
DROP TRIGGER custom_field_changed ON custom_field;
DROP FUNCTION check_custom_field();
DROP FUNCTION check_custom_field_gone();
DROP FUNCTION rename_custom_values();
DROP FUNCTION custom_fields_changed();
DROP FUNCTION keep_custom_field_table(text);
DROP FUNCTION move_custom_values(custom_field, text);
DROP FUNCTION custom_field_uses(custom_field);
DROP FUNCTION custom_field_table(text);
DROP FUNCTION pattern_fault(text);
