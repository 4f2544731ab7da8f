import type { z } from 'zod';
import {
  kernelErrors,
  Problem,
  permissionFor,
  type Registry,
  type Restorer,
  type RunQuery,
  type Tx,
} from '#core';
import type { Entities, Entity } from '../entities.ts';
import { auditErrors } from '../errors.ts';
import { diffOf, wireImage } from '../images.ts';
import { wireId } from '../log-list.ts';
import type { revertResult } from '../schemas.ts';
import type { ColumnsOf } from '../table-columns.ts';
import { type Group, gatherItems, groupsOf, type Item, readItems, type Undo } from './items.ts';
import { inOrderOfReference } from './order.ts';
import { runSteps, type Step, Stuck } from './steps.ts';
import { createTableWork, type Mismatch, type TableWork } from './table.ts';

/** Takes back what a change did. */
export interface Reverts {
  /**
   * Puts every record of a change back, in the caller's transaction: what came into being goes, what went comes back under its id,
   * what was changed gets the fields back that the change touched. `demand` throws where the caller may not do so with some of them;
   * 404 where there is no such change, 409 where something changed since, or where a rule refuses.
   */
  revert(
    tx: Tx,
    changeId: string,
    options: { demand: (permissions: readonly string[]) => Promise<void>; limit: number; after: number },
  ): Promise<Omit<z.input<typeof revertResult>, 'changeId' | 'nextCursor'> & { last: number | undefined }>;
}

/** What the revert needs of the plugin. */
export interface RevertParts {
  entities: Entities;
  columnsOf: ColumnsOf;
  registry: () => Registry;
  restorers: () => readonly Restorer[];
}

const actions: Readonly<Record<Undo, 'create' | 'update' | 'delete'>> = {
  create: 'create',
  change: 'update',
  remove: 'delete',
};

/** A record in words: `address blue 10.0.0.9`. */
function named(entity: string, key: Readonly<Record<string, unknown>>): string {
  return [entity, ...Object.values(key).map(String)].join(' ');
}

/** Makes it. */
export function createReverts({ entities, columnsOf, registry, restorers }: RevertParts): Reverts {
  /** Throws unless every record is of a kind that can be put back, and the caller may do that. */
  async function demandAll(
    tx: Tx,
    groups: readonly Group[],
    demand: (permissions: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const permissions = new Set<string>();
    for (const { entity: name, undo } of groups) {
      const entity = entities().get(name);
      if (!entity?.id) {
        throw auditErrors.notRevertible(
          entity
            ? `A record of ${name} has no single id by which it could be put back.`
            : `No plugin that is running keeps records of ${name}.`,
        );
      }
      const permission = permissionFor(entity.model, undo, registry());
      if (permission !== undefined) permissions.add(permission);
      else if (tx.caller.principal && tx.caller.principal.role !== 'admin')
        throw kernelErrors.forbidden(`Only an admin may ${undo} records of ${name}.`);
    }
    await demand([...permissions]);
    for (const { entity: name } of groups) {
      const { secret } = entities().get(name) as Entity;
      if (secret.length > 0) {
        const secrets = secret.map((field) => field.name).join(', ');
        throw auditErrors.notRevertible(
          `The change touches a record of ${name}, and its ${secrets} is nowhere but in the record itself: change it by hand.`,
          { members: { entity: name } },
        );
      }
    }
  }

  async function demandUnchanged(query: RunQuery, works: ReadonlyMap<Entity, TableWork>): Promise<void> {
    const moved: { entity: Entity; found: Mismatch }[] = [];
    for (const [entity, work] of works) {
      for (const found of await work.movedOn(query)) moved.push({ entity, found });
    }
    if (moved.length === 0) return;
    const rows = moved.map(({ entity, found }) => ({
      entity: entity.name,
      id: wireId(found.id),
      key: found.key,
      why: found.columns.length > 0 ? 'changed' : found.isThere ? 'there again' : 'gone',
      fields: found.columns,
    }));
    const total = [...new Map(moved.map(({ entity, found }) => [entity, found.n])).values()].reduce(
      (sum, n) => sum + n,
      0,
    );
    const words = rows
      .slice(0, 5)
      .map(
        ({ entity, key, why, fields }) =>
          `${named(entity, key)} (${why}${fields.length > 0 ? `: ${fields.join(', ')}` : ''})`,
      );
    const more = total > words.length ? ` and ${total - words.length} more` : '';
    throw auditErrors.changedSince(
      `Something has changed since: ${words.join(', ')}${more}. Take back what came later first, or change these by hand.`,
      { members: { rows, total } },
    );
  }

  /** What puts back the columns of an entity that no plain UPDATE may write. */
  function restoring(entity: Entity): Step[] {
    return restorers()
      .filter(({ table }) => table === entity.table)
      .map((restorer) => ({
        entity: entity.name,
        undo: 'change',
        async run(tx, ids) {
          const rows = await tx.query<{ id: number; before: Record<string, unknown> }>(
            `SELECT id::bigint AS id, before FROM change_item
              WHERE entity = $1 AND undo = 'change' AND ($2::text[] IS NULL OR id = ANY ($2))
                AND EXISTS (SELECT FROM unnest($3::text[]) c WHERE before -> c IS DISTINCT FROM after -> c) ORDER BY first`,
            [entity.name, ids ?? null, restorer.columns],
          );
          if (rows.length > 0) await restorer.restore(tx, rows);
        },
      }));
  }

  /** All that is to be done, in the order that the registry suggests. */
  function stepsOf(groups: readonly Group[], works: ReadonlyMap<Entity, TableWork>): Step[] {
    const has = (entity: Entity, undo: Undo) =>
      groups.some((group) => group.entity === entity.name && group.undo === undo);
    const each = (
      order: readonly Entity[],
      undo: Undo,
      what: keyof TableWork & ('insert' | 'update' | 'remove' | 'clear' | 'fill'),
    ): Step[] =>
      order
        .filter((entity) => has(entity, undo))
        .map((entity) => ({
          entity: entity.name,
          undo,
          run: (works.get(entity) as TableWork)[what],
        }));
    const down = inOrderOfReference([...works.keys()]);
    const up = [...down].reverse();
    const claiming = down.filter(({ claims }) => claims.length > 0);
    const others = down.filter(({ claims }) => claims.length === 0);
    return [
      ...down.filter((entity) => has(entity, 'change')).flatMap(restoring),
      ...each(down, 'create', 'insert'),
      ...each([...claiming, ...others], 'change', 'update'),
      ...each(up, 'remove', 'remove'),
      ...each(claiming, 'create', 'fill'),
      // What goes holds fast to what it claims, which has to go first.
      ...each(claiming, 'remove', 'clear').map((step) => ({ ...step, isLastResort: true })),
    ];
  }

  async function demandRestored(query: RunQuery, works: ReadonlyMap<Entity, TableWork>): Promise<void> {
    for (const [entity, work] of works) {
      const [found] = await work.notRestored(query);
      if (!found) continue;
      const what = found.columns.length > 0 ? `its ${found.columns.join(', ')} would be` : 'it would be';
      throw auditErrors.notRevertible(
        `${named(entity.name, found.key)} cannot be put back as it was: ${what} kept otherwise by the rules of the register.`,
        { members: { rows: [{ entity: entity.name, id: wireId(found.id), key: found.key }] } },
      );
    }
  }

  /** Does it all; a rule that refuses whatever the order is told as it words itself, with the record it is about. */
  async function putBack(tx: Tx, steps: readonly Step[]): Promise<void> {
    let stuck: Stuck | undefined;
    try {
      await tx.attempt(async () => {
        try {
          await runSteps(tx, steps);
        } catch (fault) {
          if (!(fault instanceof Stuck)) throw fault;
          stuck = fault;
          throw fault.fault;
        }
      });
    } catch (fault) {
      // Who may not write there, at that place in the tree, is told so.
      if (!(fault instanceof Problem) || fault.status >= 500 || fault.status === 403) throw fault;
      const [item] = stuck?.id === undefined ? [] : await keyOf(tx, stuck);
      const about = item && stuck ? ` That is about ${named(stuck.step.entity, item.key)}.` : '';
      throw auditErrors.notRevertible(`${fault.message}${about}`, {
        members: {
          rule: fault.code,
          rows: item && stuck ? [{ entity: stuck.step.entity, id: wireId(item.id), key: item.key }] : [],
        },
      });
    }
  }

  function keyOf({ query }: Tx, { step, id }: Stuck): Promise<Pick<Item, 'id' | 'key'>[]> {
    return query('SELECT id, key FROM change_item WHERE entity = $1 AND id = $2', [step.entity, id]);
  }

  function shown({ entity: name, id, key, undo, before, after }: Item) {
    const entity = entities().get(name);
    const diff = diffOf(entity, wireImage(entity, after), wireImage(entity, before));
    return { entity: name, id: wireId(id), key, action: actions[undo], diff };
  }

  return {
    async revert(tx, changeId, { demand, limit, after }) {
      const { query } = tx;
      if (!(await gatherItems(tx, changeId)))
        throw kernelErrors.notFound(`There is no change ${changeId} in the log.`);
      const groups = await groupsOf(query);
      await demandAll(tx, groups, demand);
      const works = new Map<Entity, TableWork>();
      for (const name of new Set(groups.map(({ entity }) => entity))) {
        const entity = entities().get(name) as Entity;
        works.set(entity, await createTableWork(query, entity, columnsOf));
      }
      for (const entity of inOrderOfReference([...works.keys()])) await works.get(entity)?.lock(tx);
      await demandUnchanged(query, works);
      await putBack(tx, stepsOf(groups, works));
      await demandRestored(query, works);
      const { items, total } = await readItems(query, { limit: limit + 1, after });
      const page = items.slice(0, limit);
      return {
        reverts: changeId,
        total,
        reverted: page.map(shown),
        last: items.length > limit ? page.at(-1)?.first : undefined,
      };
    },
  };
}
