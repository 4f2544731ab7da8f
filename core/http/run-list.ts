import { z } from 'zod';
import type { Tx } from '../db/transaction.ts';
import { Problem } from '../errors/problem.ts';
import { bulkMode, mostItems, problemAt, type Refused, refusedList } from './bulk.ts';
import { problemBody } from './problems.ts';
import { type Checked, entityTag, type Occasion } from './request.ts';
import type { Route } from './route.ts';
import {
  createHandle,
  querySchemaOf,
  type Raw,
  type Run,
  type RunParts,
  withoutFlags,
  wouldBe,
} from './run.ts';
import { Faults, invalidRequest } from './validate.ts';

const list = z
  .array(z.unknown())
  .min(1, 'An empty list asks for nothing')
  .max(mostItems, `A list has ${mostItems} items at most; send several lists`);

/** The most faults of one item that are told of; a list has a thousand items. */
const mostToldOfItem = 10;

/** An item of a list: what its handler is given, or what is wrong with it. */
interface Item extends Pick<Checked, 'params' | 'body'> {
  index: number;
  /** The item's version, as If-Match would name it. */
  ifMatch: string | undefined;
  invalid: Problem | undefined;
}

type Result = { granted: unknown } | { refused: Refused };

/**
 * The way into a route for lists. Every item goes through the handler of `item`, all in one transaction; once one of them is
 * refused, each behind a savepoint of its own, so that all faults are told and, where the list is `partial`, the good items stay.
 */
export function createRunList(route: Route, item: Route, parts: RunParts): Run {
  const querySchema = querySchemaOf(route);
  const itemSchema = (route.each ? (route.body as z.ZodArray).element : route.body) as z.ZodType;
  const handle = createHandle(item, parts);
  const { bulk } = item;

  /** Reads what an item says, apart from the others, so that each has its own faults. */
  function read(sent: unknown, index: number, listParams: unknown, raw: Raw): Item {
    const faults = new Faults(mostToldOfItem);
    const body = faults.check(`body.${index}`, itemSchema, sent);
    if (!route.each || body === undefined) {
      return { index, params: listParams, body, ifMatch: undefined, invalid: faults.problem() };
    }
    const { id, version, ...patch } = body as { id: number; version?: number };
    const named = { ...raw.params, id: String(id) };
    const params = faults.check(`body.${index}`, item.params as z.ZodType, named);
    const ifMatch = version === undefined ? undefined : entityTag(version);
    return { index, params, body: patch, ifMatch, invalid: faults.problem() };
  }

  /** What comes of an item alone; throws what is no fault of the item's but of the whole. */
  async function tryItem(tx: Tx, { index, invalid }: Item, grant: () => Promise<unknown>): Promise<Result> {
    if (invalid) return { refused: { index, problem: invalid } };
    try {
      return { granted: await tx.attempt(grant) };
    } catch (fault) {
      return { refused: { index, problem: problemAt(index, refusalIn(fault)) } };
    }
  }

  async function runItems(tx: Tx, on: Occasion, items: readonly Item[], all: Checked): Promise<Result[]> {
    const grant = ({ ifMatch, params, body }: Item) =>
      handle({ ...on, within: tx, ifMatch, setHeader: () => undefined }, { ...all, params, body });
    if (items.every(({ invalid }) => !invalid)) {
      try {
        // Most lists are good, and a thousand savepoints cost half as much again as what they guard.
        return await tx.attempt(async () => {
          const granted: Result[] = [];
          for (const item of items) granted.push({ granted: await grant(item) });
          return granted;
        });
      } catch (fault) {
        refusalIn(fault);
      }
    }
    const results: Result[] = [];
    for (const item of items) results.push(await tryItem(tx, item, () => grant(item)));
    return results;
  }

  return async (on, raw) => {
    const faults = new Faults();
    const { dryRun, query: given } = withoutFlags(route, raw, faults);
    const { mode: chosen = 'atomic', ...ownQuery } = given;
    const mode = faults.check('query.mode', bulkMode, chosen);
    const params = route.params && faults.check('path', route.params, raw.params);
    const query = faults.check('query', querySchema, ownQuery);
    if (route.each && on.ifMatch !== undefined) {
      const message = 'A list has no version: give each item the version that you read.';
      faults.errors.push({ path: 'header.If-Match', code: 'not-for-lists', message });
    }
    const sent = faults.check('body', list, raw.body) ?? [];
    const items = sent.map((each, index) => read(each, index, params, raw));
    if (faults.errors.length > 0) {
      throw invalidRequest([...faults.errors, ...items.flatMap(({ invalid }) => invalid?.errors ?? [])]);
    }

    const all = { params, query, body: undefined, dryRun };
    const work = async (tx: Tx): Promise<Result[]> => {
      if (typeof bulk === 'object') await bulk.lock(tx, items.filter(({ invalid }) => !invalid) as never[]);
      const results = await runItems(tx, on, items, all);
      const refused = results.flatMap((result) => ('refused' in result ? [result.refused] : []));
      if (mode === 'atomic' && refused.length > 0) throw refusedList(refused, items.length);
      return results;
    };
    const results = on.within ? await work(on.within) : await parts.transact(on.caller(), work, { dryRun });
    const status = wouldBe(item.status, all);
    if (mode === 'partial') {
      return {
        status: 207,
        reply: { results: results.map((each, index) => told(each, index, status)) },
        dryRun,
      };
    }
    return { status, reply: { items: results.map((each) => 'granted' in each && each.granted) }, dryRun };
  };
}

/** The refusal of an item; throws on what the whole fails or is run again for: a deadlock, a lost connection, a mistake of ours. */
function refusalIn(fault: unknown): Problem {
  if (fault instanceof Problem && fault.status < 500) return fault;
  throw fault;
}

/** The result of one item of a partial list. */
function told(result: Result, index: number, status: number): object {
  if ('granted' in result) return { index, status, item: result.granted };
  const { problem } = result.refused;
  return { index, status: problem.status, problem: problemBody(problem) };
}
