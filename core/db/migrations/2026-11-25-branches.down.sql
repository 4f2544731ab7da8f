DROP FUNCTION stay_within_branches();
