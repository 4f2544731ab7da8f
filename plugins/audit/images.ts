import { isDeepStrictEqual } from 'node:util';
import type { Entity } from './entities.ts';

/** A record as the log keeps it: by the names of its columns, those that were NULL left out. */
export type Image = Readonly<Record<string, unknown>>;

/** What became of each field that is another than before. */
export type Diff = Record<string, { before: unknown; after: unknown }>;

/** The log has times as PostgreSQL's JSON has them: `2026-11-01T12:00:00+00:00`. */
function wireMoment(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\+00(:00)?$/, 'Z') : value;
}

/** An image by wire names, with null for what was NULL. Of an entity that no plugin has any more, the columns keep their names. */
export function wireImage(entity: Entity | undefined, image: Image | null): Record<string, unknown> | null {
  if (image === null) return null;
  const rest = new Map(Object.entries(image));
  const wire: Record<string, unknown> = {};
  const kept = entity?.kept.filter(({ column }) => rest.has(column)) ?? [];
  for (const { name, column, isMoment } of [...(entity?.business ?? []), ...kept]) {
    const value = rest.get(column) ?? null;
    wire[name] = isMoment ? wireMoment(value) : value;
    rest.delete(column);
  }
  return Object.assign(wire, Object.fromEntries(rest));
}

/** The business fields in which two wire images differ; of what came into being or went, all that had a value. */
export function diffOf(
  entity: Entity | undefined,
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
): Diff {
  const diff: Diff = {};
  const kept = new Set(entity?.kept.map(({ name }) => name));
  for (const name of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
    const [was, is] = [before?.[name] ?? null, after?.[name] ?? null];
    if (!kept.has(name) && !isDeepStrictEqual(was, is)) diff[name] = { before: was, after: is };
  }
  return diff;
}
