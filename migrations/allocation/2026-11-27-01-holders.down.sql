DROP FUNCTION release_held(bigint[], int);
