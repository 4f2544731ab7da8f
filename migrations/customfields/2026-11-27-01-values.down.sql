-- Values stay where they are: they belong to the records. The triggers on the tables of other plugins go with their function.
DROP FUNCTION check_custom_fields() CASCADE;
DROP FUNCTION custom_field_values(text, jsonb, jsonb);
DROP FUNCTION custom_field_value(custom_field, jsonb);
DROP FUNCTION raise_field_faults(jsonb);
DROP FUNCTION is_date(text);
DROP FUNCTION network_text(text);
DROP FUNCTION field_fault(text, text, text);
DROP TABLE custom_field;
