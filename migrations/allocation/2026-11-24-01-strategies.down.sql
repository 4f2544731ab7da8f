DROP TRIGGER subnet_strategy_noted ON subnet;
DROP FUNCTION note_strategy();
DROP FUNCTION largest_runs(bigint, inet[], inet[], int, int);
DROP FUNCTION free_runs(bigint, inet[], inet[], int, int, boolean);
DROP FUNCTION open_for_subnets(bigint[]);
DROP FUNCTION open_spaces(bigint[]);
