import { isIP } from 'node:net';
import {
  Bindings,
  decodeCursor,
  encodeCursor,
  invalidRequest,
  type Principal,
  type Registry,
  type RunQuery,
} from '#core';
import { type Candidate, compareCandidates, matchOf, type Position, ranked } from './domain/rank.ts';
import { readTerm } from './domain/term.ts';
import { mostPerPart, type Part, partsOf } from './parts.ts';
import type { FoundRecord, SearchQuery } from './schemas.ts';
import { type Searched, searchedModels } from './searched.ts';
import { showRecords } from './shown.ts';
import { createSizes } from './sizes.ts';

/** Who asks, and what they may see. */
interface Searcher {
  principal: Pick<Principal, 'role'>;
  allows(permission: string): boolean;
}

interface SearchContext {
  db: { query: RunQuery };
  registry(): Registry;
}

/** Found records, the best first, and the kinds of which more match than were ranked. */
interface FoundPage {
  items: FoundRecord[];
  nextCursor: string | null;
  total: null;
  cut: string[];
}

export interface SearchApi {
  /** Throws 422 for a kind of record that nobody searches, and for a cursor that is none. */
  search(asked: SearchQuery, searcher: Searcher): Promise<FoundPage>;
}

/** Builds the search over every model that says how its records are found. Two statements for a page, whatever is found, and once a minute one more. */
export function createSearch({ db, registry }: SearchContext): SearchApi {
  let known: readonly Searched[] | undefined;
  const all = () => {
    known ??= searchedModels(registry());
    return known;
  };
  const sizes = createSizes(db.query, () => all().map(({ table }) => table));

  /** The candidates of every kind of match, best first. Each part is bounded, so that there are few whatever was typed. */
  async function candidatesOf(
    q: string,
    searched: readonly Searched[],
    readable: readonly Searched[],
  ): Promise<{ candidates: Candidate[]; cut: string[] }> {
    const bindings = new Bindings();
    const term = readTerm(q, isIP);
    const pages = await sizes();
    const parts = searched.flatMap((each) =>
      partsOf(each, term, bindings, pages.get(each.table) ?? 0, readable),
    );
    if (parts.length === 0) return { candidates: [], cut: [] };
    const text = parts.map(({ sql }, nth) => `(SELECT ${nth}, id, rank, key, cut FROM (${sql}) part)`);
    const rows = await db.query<[number, number, number, string, boolean]>(
      { text: text.join('\nUNION ALL\n'), asArrays: true },
      bindings.values,
    );
    const byPart = Map.groupBy(rows, ([nth]) => nth);
    const cut = new Set<string>();
    const candidates = [...byPart].flatMap(([nth, found]) => {
      const { searched, field } = parts[nth] as Part;
      const { entity } = searched;
      if (found.length > mostPerPart || found.some(([, , , , isCut]) => isCut)) cut.add(entity);
      return found.slice(0, mostPerPart).map(([, id, rank, key]) => ({ entity, id, rank, key, field }));
    });
    return { candidates: ranked(candidates), cut: [...cut] };
  }

  return {
    async search({ q, entity, limit = 50, cursor }, { principal, allows }) {
      if (entity) refuseUnknown(entity, all());
      const readable = all().filter(({ permission }) =>
        permission === undefined ? principal.role === 'admin' : permission === 'public' || allows(permission),
      );
      const after = cursor === undefined ? undefined : readCursor(cursor);
      const { candidates, cut } = await candidatesOf(
        q,
        entity ? readable.filter((each) => entity.includes(each.entity)) : readable,
        readable,
      );
      const rest = after ? candidates.filter((each) => compareCandidates(each, after) > 0) : candidates;
      const page = rest.slice(0, limit);
      const shown = await showRecords(db.query, page, readable);
      const collections = new Map(readable.map((each) => [each.entity, each.collection]));
      const last = rest.length > limit ? page.at(-1) : undefined;
      return {
        items: page.flatMap(({ entity, id, rank, field }) => {
          const told = shown.get(`${entity} ${id}`);
          const collection = collections.get(entity);
          const href = collection === undefined ? null : `/api/v1${collection}/${id}`;
          return told ? [{ entity, id, ...told, matched: field, match: matchOf(rank), rank, href }] : [];
        }),
        nextCursor: last ? writeCursor(last) : null,
        total: null,
        cut,
      };
    },
  };
}

function refuseUnknown(entities: readonly string[], searched: readonly Searched[]): void {
  const names = searched.map(({ entity }) => entity);
  const errors = entities
    .filter((entity) => !names.includes(entity))
    .map((entity) => ({
      path: 'query.entity',
      code: 'unknown-entity',
      message: `"${entity}" is no kind of record that is searched; these are: ${names.join(', ')}.`,
    }));
  if (errors.length > 0) throw invalidRequest(errors);
}

const sort = 'rank';

function writeCursor({ rank, key, entity, id }: Position): string {
  return encodeCursor(sort, { value: JSON.stringify([rank, entity, key]), id: String(id) });
}

function readCursor(cursor: string): Position {
  const { value, id } = decodeCursor(cursor, sort);
  const [rank, entity, key] = JSON.parse(value ?? '[]') as [number, string, string];
  return { rank, entity, key, id: Number(id) };
}
