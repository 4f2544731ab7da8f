DROP FUNCTION keep_answers(jsonb, jsonb, int[], inet[], bigint);
DROP FUNCTION kept_answers(jsonb);
