DROP FUNCTION drop_audit_months();
DROP FUNCTION keep_audit_months(int);
DROP FUNCTION audit_months_kept();
DROP FUNCTION make_audit_months(int);
DROP FUNCTION hold_audit_log();
DROP TABLE audit_seal;
DROP INDEX audit_log_seal_idx;
