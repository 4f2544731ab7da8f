DROP TRIGGER subnet_branch_keeps_block ON subnet;
DROP TRIGGER subnet_branch_stays ON subnet;
DROP FUNCTION keep_branch();
DROP FUNCTION below_branches(bigint, inet);
DROP FUNCTION in_branches(bigint, inet);
