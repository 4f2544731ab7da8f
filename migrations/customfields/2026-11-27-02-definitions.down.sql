DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT DISTINCT of_table FROM custom_field WHERE to_regclass(quote_ident(of_table)) IS NOT NULL LOOP
    EXECUTE format('DROP INDEX IF EXISTS %I', left(name, 40) || '_custom_fields_gin');
    EXECUTE format('DROP TRIGGER IF EXISTS custom_fields_due ON %I', name);
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
