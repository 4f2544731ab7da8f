import { z } from 'zod';
import { Faults, kernelErrors, type Page, type RunQuery } from '#core';
import type { Bearers } from './bearers.ts';
import type { Entities, Entity } from './entities.ts';
import { wireImage } from './images.ts';
import { type LogLists, wireId } from './log-list.ts';
import type { recordAt, wholeEntry } from './schemas.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** The past of records, of any that a plugin registers. */
export interface History {
  /** 404 that names those there are. */
  entity(name: string): Entity;
  /**
   * One record as it was at the moment `at`, or else its whole life, by its natural key or `id`. Throws 422 where what identifies it
   * is not said, 404 where there never was one, or none at that moment.
   */
  show(
    entity: Entity,
    parameters: Parameters,
  ): Promise<z.input<typeof recordAt> | Page<z.input<typeof wholeEntry>>>;
}

const moment = z.iso.datetime({ offset: true });
const keyText = z.string().min(1).max(500);

/** What is asked of one entity: `id` or its whole natural key, and a moment or a page. */
function readQuery(entity: Entity, parameters: Parameters, lists: LogLists) {
  const names = entity.key.map(({ name }) => name);
  const said = `${names.join(' and ')} identify ${article(entity.name)}, or its id.`;
  const { limit, cursor, count, sort } = lists.life.query.shape;
  const faults = new Faults();
  const checked = faults.check(
    'query',
    z.strictObject({
      id: z
        .string()
        .regex(/^[\w-]{1,100}$/)
        .optional(),
      at: moment.optional(),
      ...(parameters.at === undefined ? { limit, cursor, count, sort } : {}),
      ...Object.fromEntries(names.map((name) => [name, keyText.optional()])),
    } as { id: z.ZodOptional<z.ZodString>; at: z.ZodOptional<typeof moment> }),
    parameters,
  );
  if (parameters.id === undefined) {
    for (const name of names.filter((each) => parameters[each] === undefined))
      faults.errors.push({ path: `query.${name}`, code: 'required', message: `It is missing: ${said}` });
  }
  const problem = faults.problem();
  if (problem || !checked) throw problem ?? new Error('a query that is neither right nor wrong');
  const key = Object.fromEntries(
    names.flatMap((name) => {
      const value = (checked as Parameters)[name];
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
  return { key, ...checked };
}

function article(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** What was asked for, in words: `address with vrf blue, address 10.0.0.9`. */
function asked(entity: Entity, id: string | undefined, key: Readonly<Record<string, string>>): string {
  const parts = Object.entries(id === undefined ? key : { id }).map(([name, value]) => `${name} ${value}`);
  return `${entity.name} with ${parts.join(', ')}`;
}

/** Makes the reader of the past. */
export function createHistory(
  query: RunQuery,
  entities: Entities,
  bearers: Bearers,
  lists: LogLists,
): History {
  const linesOf = (entity: Entity, ids: readonly string[], parameters: Parameters) =>
    lists.life.run(
      query,
      parameters,
      (bindings) =>
        `l.entity = ${bindings.bind(entity.name, 'text')} AND l.entity_id = ANY(${bindings.bind(ids, 'text[]')})`,
    );

  async function atMoment(entity: Entity, ids: readonly string[], at: string, what: string) {
    const known = (await bearers.states(entity, ids, at)).filter(({ image }) => image !== undefined);
    const there = known.filter(({ image }) => image !== null);
    const state = there.sort((a, b) => (b.entry ?? 0) - (a.entry ?? 0))[0];
    if (!state?.image) {
      const gone = known.find(({ entry }) => entry !== null);
      throw kernelErrors.notFound(
        known.length === 0
          ? `There never was ${article(what)}.`
          : `At ${at} there was no ${what}: ${gone ? 'it was gone' : 'it came later'}; without \`at\` you see its life.`,
      );
    }
    const lines =
      state.entry === null
        ? []
        : (
            await lists.log.run(
              query,
              { limit: 1 },
              (bindings) => `l.id = ${bindings.bind(state.entry, 'bigint')}`,
            )
          ).items;
    const [line] = lines;
    return {
      entity: entity.name,
      entityId: wireId(state.id),
      key: line?.key ?? (await presentKey(entity, state.image)),
      at: new Date(at).toISOString(),
      record: { id: wireId(state.id), ...wireImage(entity, state.image) },
      change: line ?? null,
    };
  }

  /** The natural key of a record that is not in the log, with ids for what it refers to. */
  async function presentKey(entity: Entity, image: Parameters): Promise<Record<string, unknown>> {
    return Object.fromEntries(entity.key.map(({ name, field }) => [name, image[field.column] ?? null]));
  }

  return {
    entity(name) {
      const found = entities().get(name);
      if (found) return found;
      const known = [...entities().keys()].sort().join(', ');
      throw kernelErrors.notFound(`There is no entity "${name}"; those with a history are ${known}.`);
    },
    async show(entity, parameters) {
      const { id, at, key, ...page } = readQuery(entity, parameters, lists);
      const ids = id === undefined ? await bearers.of(entity, key, at) : [id];
      const what = asked(entity, id, key);
      if (at !== undefined) return atMoment(entity, ids, at, what);
      const found = await linesOf(entity, ids, page);
      const isKnown = found.items.length > 0 || 'cursor' in page || (await isThere(entity, ids));
      if (!isKnown) throw kernelErrors.notFound(`There never was ${article(what)}.`);
      return found;
    },
  };

  /** Whether any of some records is there now, though nothing of it is in the log. */
  async function isThere(entity: Entity, ids: readonly string[]): Promise<boolean> {
    const now = await bearers.states(entity, ids, new Date().toISOString());
    return now.some(({ image }) => image !== undefined);
  }
}
