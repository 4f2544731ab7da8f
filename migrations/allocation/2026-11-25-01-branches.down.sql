DROP FUNCTION members_in_branches(bigint[]);
