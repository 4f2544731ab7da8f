import type { Entity } from '../entities.ts';

/** Entities with those that others refer to first; in a circle, as they come. */
export function inOrderOfReference(entities: readonly Entity[]): Entity[] {
  const ordered = new Set<Entity>();
  const visit = (entity: Entity, above: ReadonlySet<Entity>) => {
    if (ordered.has(entity) || above.has(entity)) return;
    const path = new Set([...above, entity]);
    for (const other of entities) if (entity.refersTo.has(other.table)) visit(other, path);
    ordered.add(entity);
  };
  for (const entity of entities) visit(entity, new Set());
  return [...ordered];
}
