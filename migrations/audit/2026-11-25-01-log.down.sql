DROP FUNCTION make_audit_month(date);
DROP TABLE audit_log;
DROP FUNCTION refuse_audit_change();
