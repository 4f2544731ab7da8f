DROP FUNCTION audit_caller();
DROP FUNCTION own_change_id();
DROP FUNCTION make_audit_month(date);
DROP TABLE audit_log;
DROP FUNCTION refuse_audit_change();
DROP FUNCTION refuse_unaudited();
