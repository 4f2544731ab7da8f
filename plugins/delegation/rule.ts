import type { RegisteredModel, TableRule } from '#core';

const kept = ['version', 'created_at', 'created_by', 'updated_at', 'updated_by'];

/**
 * Keeps a trigger on every registered table that refuses, in a transaction that is confined to branches, to write a row which lies
 * in none of them: as it was, and as it is to be. It runs for each row, before it is written: so both are at hand without a join,
 * and whoever may not is told that, and not which other rule is broken. For everybody else all there is of it is its WHEN.
 */
export const branchRule: TableRule = (model) => {
  const { place = 'false' } = model.definition;
  if (place === 'true') return [];
  return [
    {
      // Among the last, after those that set columns.
      name: 'within_branches',
      moment: 'BEFORE INSERT OR UPDATE OR DELETE',
      each: `FOR EACH ROW WHEN (current_setting('cadastre.branches', true) <> '')`,
      runs: { body: bodyOf(place, [...derivedOf(model), ...kept]) },
    },
  ];
};

function bodyOf(place: string, derived: readonly string[]): string {
  const ignored = `'{${derived.map((column) => `"${column}"`).join(',')}}'::text[]`;
  return `
DECLARE
  is_inside boolean := true;
BEGIN
  -- What the database derives follows from somebody's change of another row, and is nobody's.
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - ${ignored} = to_jsonb(OLD) - ${ignored} THEN
    RETURN NEW;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    is_inside := (SELECT ${place} FROM (SELECT OLD.*) AS r);
  END IF;
  IF TG_OP <> 'DELETE' AND is_inside THEN
    is_inside := (SELECT ${place} FROM (SELECT NEW.*) AS r);
  END IF;
  IF is_inside IS NOT TRUE THEN
    RAISE EXCEPTION 'A row of % lies outside of the branches that this transaction is confined to.', TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'within_branches';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END `;
}

/** The derived columns of a model, by their names in the table. */
function derivedOf({ model, definition }: RegisteredModel): string[] {
  const attributes = (
    model as unknown as { getAttributes(): Record<string, { field?: string }> }
  ).getAttributes();
  return definition.derived.map((name) => attributes[name]?.field ?? name);
}
