import pg from 'pg';

const oid = { int8: 20, cidr: 650, inet: 869, int8Array: 1016, date: 1082, timestamptz: 1184 } as const;

/** A bigint as a number; ids and counts stay far below 2^53, and one that does not is refused, never rounded. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a JSON integer`);
  return value;
}

/** PostgreSQL prints a timestamptz of a UTC session as `2026-01-02 03:04:05.6+00`; clients get ISO 8601. */
function isoTime(text: string): string {
  if (!text.endsWith('+00')) return text;
  return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
}

/** An address or block as clients get it: PostgreSQL prints ::/96 as `::1.2.3.4`, where RFC 5952 wants `::102:304`. */
export function canonicalAddress(text: string): string {
  if (!text.startsWith('::') || !text.includes('.') || text.startsWith('::ffff:')) return text;
  const [quad = '', length] = text.slice(2).split('/');
  const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number);
  const [high, low] = [a * 256 + b, c * 256 + d];
  const address = high === 0 ? `::${low.toString(16)}` : `::${high.toString(16)}:${low.toString(16)}`;
  return length === undefined ? address : `${address}/${length}`;
}

const parsers = new Map<number, (text: string) => unknown>([
  [oid.int8, safeInteger],
  [
    oid.int8Array,
    (text) => (pg.types.getTypeParser(oid.int8Array as number)(text) as string[]).map(safeInteger),
  ],
  [oid.date, (text) => text],
  [oid.timestamptz, isoTime],
  [oid.inet, canonicalAddress],
  [oid.cidr, canonicalAddress],
]);

/** Column parsers for named SQL: wire types straight away (ISO times, numbers for bigint, text for numeric and networks). */
export const wireTypes: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(id)) || pg.types.getTypeParser(id, format)) as never,
};

/** Sequelize keeps its own parsers (Date for times); only bigint is changed, which it would leave as text. */
export function teachBigint(connection: unknown): void {
  (connection as pg.Client).setTypeParser(oid.int8, 'text', safeInteger);
}
