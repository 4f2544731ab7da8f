import { type Bindings, literally } from '#core';
import { rankOf } from './domain/rank.ts';
import { type Term, tellingPart } from './domain/term.ts';
import { type Column, type Holder, holdersOf, type Searched } from './searched.ts';

/** The most records that one column of a model brings, before all are ranked. */
export const mostPerPart = 200;
/** Of what is common so many are shown. */
const mostSampled = 50;
/** A glance at a table takes so many of its pages, and what is found so often there is common: two in a thousand rows. */
const glance = { pages: 50, common: 5 };
/** Pages in which what is common is found often enough. */
const sampledPages = 1000;

/**
 * One way in which a model's records are looked for: SQL that answers `id`, `rank`, `key`, and as `cut` whether more match; where
 * that is not known, it answers one record more than the most.
 */
export interface Part {
  readonly searched: Searched;
  readonly field: string;
  readonly sql: string;
}

/**
 * The ways in which a term can find records of a model, whose table has so many pages; none where it cannot be what the model has.
 * `known` are the models whose records may be named to say what a record belongs to.
 */
export function partsOf(
  searched: Searched,
  term: Term,
  bindings: Bindings,
  pages: number,
  known: readonly Searched[],
): Part[] {
  const sql = new PartSql(searched.table, term, bindings, pages);
  const isTitle = (column: Column) => searched.title.some(({ name }) => name === column.name);
  const over = (columns: readonly Column[], make: (column: Column) => readonly (string | undefined)[]) =>
    columns.flatMap((column) =>
      make(column).flatMap((part) =>
        part === undefined ? [] : [{ searched, field: column.name, sql: part }],
      ),
    );
  return [
    ...over(searched.network, (column) => [sql.same(column), sql.around(column), sql.inside(column)]),
    ...over(searched.run.slice(0, 1), (first) => [sql.run(first, searched.run[1] ?? first)]),
    ...over(searched.mac, (column) => [sql.macs(column)]),
    ...over(searched.number, (column) => [sql.number(column, searched.entity, holdersOf(searched, known))]),
    ...over(searched.text, (column) => [
      sql.beginning(column),
      // What is called so goes before what only has it somewhere.
      sql.containing(column, rankOf('part') + (isTitle(column) ? 0 : 1)),
    ]),
    ...over(searched.exact, (column) => [sql.beginning(column)]),
    ...over(searched.tags ? [searched.tags] : [], (column) => [sql.labelled(column)]),
    ...over(searched.notes, (column) => [sql.containing(column, rankOf('text'))]),
  ];
}

/** SQL by kind; each answers undefined where the term cannot be of that kind. */
class PartSql {
  readonly #table: string;
  readonly #term: Term;
  readonly #bindings: Bindings;
  /** How large the table is. */
  readonly #pages: number;

  constructor(table: string, term: Term, bindings: Bindings, pages: number) {
    this.#table = table;
    this.#term = term;
    this.#bindings = bindings;
    this.#pages = pages;
  }

  /** Whether a glance at the table would see all of it. */
  get #isSmall(): boolean {
    return this.#pages <= glance.pages;
  }

  /** The block, or where there is none the address, as one parameter. */
  #network(): string | undefined {
    const { block, address } = this.#term;
    const written = block ?? address;
    return written === undefined ? undefined : `network(${this.#bindings.bind(written, 'inet')})`;
  }

  /** The very address: of a column of addresses alone, for `around` finds the very block. */
  same({ sql, type }: Column): string | undefined {
    const { address } = this.#term;
    if (address === undefined || type === 'CIDR') return undefined;
    const ip = this.#bindings.bind(address, 'inet');
    return this.#found(sql, `${sql} = ${ip}`, { rank: rankOf('exact'), key: `''` });
  }

  /** The very block, and those that hold it, the narrowest first. */
  around({ sql, type }: Column): string | undefined {
    const network = type === 'CIDR' ? this.#network() : undefined;
    if (network === undefined) return undefined;
    const rank = `CASE WHEN c = ${network} THEN ${rankOf('exact')} ELSE ${rankOf('contains') + 200} - masklen(c) END`;
    return this.#found(sql, `${sql} >>= ${network}::inet`, {
      rank,
      key: `''`,
      order: `masklen(${sql}) DESC, id`,
    });
  }

  /** What lies inside the block, in the order of addresses. Between these two bounds PostgreSQL's order has nothing else. */
  inside({ sql, type }: Column): string | undefined {
    const network = this.#term.block === undefined ? undefined : this.#network();
    if (network === undefined) return undefined;
    const last = `set_masklen(broadcast(${network}), CASE family(${network}) WHEN 4 THEN 32 ELSE 128 END)`;
    const above = type === 'CIDR' ? '>' : '>=';
    return this.#found(sql, `${sql} ${above} ${network} AND ${sql} <= ${last}`, {
      rank: type === 'CIDR' ? rankOf('inside') : rankOf('inside') + 2,
      key: `encode(substring(inet_send(c) FROM 5), 'hex') || to_char(masklen(c), 'FM000')`,
      order: sql,
    });
  }

  /** Runs of addresses that lie inside the block or reach into it; those that hold all of it stand before the subnets that do. */
  run(first: Column, last: Column): string | undefined {
    const network = this.#network();
    if (network === undefined) return undefined;
    const end = `set_masklen(broadcast(${network}), CASE family(${network}) WHEN 4 THEN 32 ELSE 128 END)`;
    const holds = `${first.sql} <= host(${network})::inet AND ${last.sql} >= ${end}`;
    return this.#found(
      `CASE WHEN ${holds} THEN ${rankOf('contains')} ELSE ${rankOf('inside') + 1} END`,
      `${first.sql} <= ${end} AND ${last.sql} >= host(${network})::inet`,
      { rank: 'c', key: `''`, order: first.sql },
    );
  }

  macs({ sql }: Column): string | undefined {
    const { macs } = this.#term;
    if (!macs) return undefined;
    const [first, last] = [
      this.#bindings.bind(macs.first, 'macaddr'),
      this.#bindings.bind(macs.last, 'macaddr'),
    ];
    return this.#found(sql, `${sql} BETWEEN ${first} AND ${last}`, {
      rank: macs.first === macs.last ? rankOf('exact') : rankOf('prefix'),
      key: 'c::text',
      order: sql,
    });
  }

  /** A bare number, one that is said to be what the entity or the column is called, or one within what the record belongs to. */
  number({ sql, name }: Column, entity: string, holders: readonly Holder[]): string | undefined {
    const { number } = this.#term;
    if (!number || (number.of !== undefined && number.of !== entity && number.of !== name)) return undefined;
    const conditions = [`${sql} = ${this.#bindings.bind(number.value, 'bigint')}`];
    if (number.within !== undefined) {
      if (holders.length === 0) return undefined;
      const within = this.#bindings.bind(number.within, 'text');
      const any = holders.map(
        ({ column, table, title }) => `EXISTS (SELECT FROM ${table} holder
          WHERE holder.id = ${this.#table}.${column.sql} AND lower(holder.${title.sql}::text) = lower(${within}))`,
      );
      conditions.push(`(${any.join(' OR ')})`);
    }
    return this.#found(sql, conditions.join(' AND '), { rank: rankOf('exact'), key: `''` });
  }

  /** Names that are the text or begin with it, in any case; by bytes, so that a btree of them finds them in order. */
  beginning({ sql }: Column): string | undefined {
    const { text, isName } = this.#term;
    if (!isName) return undefined;
    const typed = `lower(${this.#bindings.bind(text, 'text')})`;
    const name = `lower(${sql})`;
    const rank = `CASE WHEN lower(c) = ${typed} THEN ${rankOf('exact')}
      WHEN starts_with(lower(c), ${typed} || '.') THEN ${rankOf('label')} ELSE ${rankOf('prefix')} END`;
    return this.#found(
      sql,
      `${sql} IS NOT NULL AND ${name} ~>=~ ${typed} AND ${name} ~<~ (${typed} || U&'\\+10FFFF')`,
      {
        rank,
        key: 'lower(c)',
        order: `${name} USING ~<~`,
      },
    );
  }

  containing({ sql }: Column, rank: number): string | undefined {
    const { text, isName, hasTrigram } = this.#term;
    if (!isName || !hasTrigram) return undefined;
    const telling = tellingPart(text);
    const is = (part: string) => `${sql} ILIKE ${this.#bindings.bind(literally(part), 'text')}`;
    const filled = `${sql} IS NOT NULL AND `;
    const whole = filled + is(text);
    if (telling === text || this.#isSmall) return this.#few(rank, whole);
    // What an index of trigrams takes grows with their number: it is asked for some, and the row for all.
    const all = `strpos(lower(${sql}), lower(${this.#bindings.bind(text, 'text')})) > 0`;
    return this.#few(rank, whole, { part: filled + is(telling), rest: all });
  }

  labelled({ sql }: Column): string | undefined {
    const { tag } = this.#term;
    if (tag === undefined) return undefined;
    const labels = this.#bindings.bind([tag, tag.toLowerCase()], 'text[]');
    return this.#few(rankOf('tag'), `${sql} <> '{}' AND ${sql} && ${labels}`);
  }

  /** `c` is the column's value in `rank` and `key`; without an order the index's own is kept. */
  #found(
    value: string,
    condition: string,
    by: { rank: number | string; key: string; order?: string },
  ): string {
    const order = by.order === undefined ? '' : `ORDER BY ${by.order}`;
    return `SELECT id, ${by.rank} AS rank, ${by.key} AS key, false AS cut FROM (
      SELECT id, ${value} AS c FROM ${this.#table} WHERE ${condition} ${order} LIMIT ${mostPerPart + 1}) found`;
  }

  /**
   * Some of the records for which a condition holds, whether few do or nearly all, and always the same ones. An index finds the few at
   * once, and would collect half a million before the first; a scan that stops when it has enough finds the many, and would look
   * for the few in the whole table. Statistics do not tell which it is. So, unless the table is small, a glance at some of the table's pages, always the same
   * ones, tells: what is common is taken from a larger sample of pages, what is not by the index. A materialised query is planned to
   * be read to its end, by the index therefore, and it is run only as far as it is read, which may be not at all.
   * Where a condition is a dear one for the index, a `part` of it with the `rest` takes its place, unless the part alone is common.
   */
  #few(rank: number, condition: string, cheaper?: { part: string; rest: string }): string {
    const table = this.#table;
    const most = mostPerPart + 1;
    if (this.#isSmall)
      return `SELECT id, ${rank} AS rank, '' AS key, false AS cut FROM ${table} WHERE ${condition} LIMIT ${most}`;
    const sample = (pages: number) =>
      `${table} TABLESAMPLE SYSTEM (${Math.min(100, (pages * 100) / this.#pages)}) REPEATABLE (0)`;
    const [seen, isCommon] = ['(SELECT n FROM glance)', `>= ${glance.common}`];
    const partSeen = '(SELECT part FROM glance)';
    const byPart = cheaper && {
      query: `, by_part AS MATERIALIZED (SELECT id FROM ${table} WHERE ${cheaper.part} AND ${cheaper.rest})`,
      branch: `UNION ALL SELECT id, false FROM by_part WHERE NOT ${partSeen} ${isCommon}`,
      unless: `AND ${partSeen} ${isCommon}`,
    };
    return `WITH glance AS MATERIALIZED (
        SELECT count(*) FILTER (WHERE ${condition}) AS n, count(*) AS part
          FROM ${sample(glance.pages)} WHERE ${cheaper?.part ?? condition}),
      sampled AS MATERIALIZED (SELECT id FROM ${sample(sampledPages)} WHERE ${condition} LIMIT ${mostSampled}),
      whole AS MATERIALIZED (SELECT id FROM ${table} WHERE ${condition})
      ${byPart?.query ?? ''}
      SELECT id, ${rank} AS rank, '' AS key, cut FROM (
        SELECT id, true AS cut FROM sampled WHERE ${seen} ${isCommon}
        ${byPart?.branch ?? ''}
        UNION ALL SELECT id, false FROM whole WHERE NOT ${seen} ${isCommon} ${byPart?.unless ?? ''}
        LIMIT ${most}) found`;
  }
}
