import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stopTestServer } from '#core/testing';
import { setAudit } from './harness/audit.ts';
import { type Costs, costs, costTable } from './harness/costs.ts';
import { filledSubnet, settle } from './harness/filled.ts';
import { keyedGenerator, type Load, run } from './harness/load.ts';
import { type Product, startProduct } from './harness/product.ts';
import { reportProfile } from './harness/profile.ts';
import { Report } from './harness/report.ts';
import { Rounds, type Sample, sample } from './harness/rounds.ts';

const goals = { plain: 0.7, keyed: 0.5, together: 2 };
const rounds = 3;
/** Seconds that a snapshot is old before anything is measured under it. */
const snapshotAge = 60;
const atOnce = 100 as const;
/** Requests per round: what a round takes must fit what the subnet has left, however fast the machine. */
const atHalf = 20_000;
const atFill = 8_000;
const slash12 = 2 ** 20 - 2;

interface Handed extends Costs {
  /** Addresses per call of the database. */
  batch: number;
}

/**
 * Handing out addresses over HTTP against the empty route of the same process: at several fills, with keys, under a snapshot. The
 * audit log is off here; what it costs beside is `bench:audit`.
 */
async function main(): Promise<void> {
  const product = await startProduct();
  const report = new Report('Handing out addresses', product.postgres);
  try {
    report.say('Without the audit log, which has a chapter of its own.');
    // A second of the same beforehand: what V8 has compiled for one load does not fit another at first.
    const empty = (by: Load['by']) => async () => {
      const load = { ...product.load('POST', '/bench/empty', {}), by };
      await run({ ...load, seconds: 1 });
      return handOut(product, { ...load, seconds: 4 });
    };
    const from = (id: number, amount: number, keyed = false) =>
      handOut(product, {
        ...product.load('POST', `/subnets/${id}/allocations`, {}),
        ...(keyed ? { seconds: 1 } : { amount }),
        keyed,
      });

    const grid = await subnetsOfAllFills(product);
    const v6 = await filledSubnet(product, '2001:db8:1::/64', { count: 0 });
    const other = await filledSubnet(product, '15.0.0.0/8', { count: 0 });
    await setAudit(product.database, false);
    await settle(product);
    await run({ ...product.load('POST', '/bench/empty', {}), seconds: 2 });
    await from(other, 2 * atHalf);

    for (const keyed of [false, true]) {
      const [first, ...others] = Object.keys(grid) as Fill[];
      const cases = (fills: readonly Fill[]) =>
        Object.fromEntries(
          fills.map((fill) => [
            fill,
            async (round: number) => {
              await from(other, 2 * atFill, keyed);
              return from(grid[fill](keyed, round), fill === '/12, 99 % full' ? atFill : atHalf, keyed);
            },
          ]),
        ) as Record<Fill, (round: number) => Promise<Handed>>;
      const baseline = { 'empty route': empty(keyed ? keyedGenerator : undefined) };
      const all = await Rounds.of({ ...baseline, ...cases([first as Fill, ...others]) }, rounds);
      table(report, `POST …/allocations {}${keyed ? ', each with an Idempotency-Key' : ''}`, all);
      for (const fill of all.names.filter((name) => name !== 'empty route')) {
        report.goal(
          `the rate of allocation${keyed ? ' with a key' : ''} to that of the empty route, ${fill},`,
          all.ratio(fill, 'empty route'),
          keyed ? goals.keyed : goals.plain,
        );
      }
    }
    await together(report, product, other);
    await snapshot(report, product, v6, empty(undefined));
    await reportProfile(report, 'allocation', product, {
      ...product.load('POST', `/subnets/${other}/allocations`, {}),
      seconds: 5,
    });
    report.end();
  } finally {
    await product.stop();
    await stopTestServer();
  }
}

type Fill =
  | '/16, half full'
  | '/12, empty'
  | '/12, half full'
  | '/12, 99 % full'
  | '/8, empty'
  | 'IPv6 /64, empty'
  | '/16, every second taken';

/** A subnet of each fill, for requests with and without keys, and for each round where a round uses it up. */
async function subnetsOfAllFills(
  product: Product,
): Promise<Record<Fill, (keyed: boolean, round: number) => number>> {
  const each = async (make: (nth: number) => Promise<number>) => {
    const ids = await inTurn(2, make);
    return (keyed: boolean) => ids[Number(keyed)] as number;
  };
  const eachRound = async (make: (nth: number) => Promise<number>) => {
    const ids = await inTurn(2 * rounds, make);
    return (keyed: boolean, round: number) => ids[Number(keyed) * rounds + round] as number;
  };
  const filled = (cidr: string, count: number, step = 1) => filledSubnet(product, cidr, { count, step });
  // The rounds use up what is left: they go from 95 % upwards, 98 % on average.
  const nearlyFull = slash12 - rounds * 2 * atFill - 1_000;
  return {
    '/16, half full': await eachRound((n) => filled(`10.${n}.0.0/16`, 2 ** 15)),
    '/12, empty': await each((n) => filled(`20.${16 * n}.0.0/12`, 0)),
    '/12, half full': await each((n) => filled(`21.${16 * n}.0.0/12`, slash12 / 2)),
    '/12, 99 % full': await each((n) => filled(`22.${16 * n}.0.0/12`, nearlyFull)),
    '/8, empty': await each((n) => filled(`${11 + n}.0.0.0/8`, 0)),
    'IPv6 /64, empty': await each((n) => filled(`2001:db8:0:${n}::/64`, 0)),
    '/16, every second taken': await eachRound((n) => filled(`10.${100 + n}.0.0/16`, 2 ** 15 - 1, 2)),
  };
}

function table(report: Report, title: string, taken: Rounds<string, Handed>): void {
  const baseline = { name: 'empty route', title: 'to the empty route' };
  costTable(report, `${title}, 32 connections`, taken, baseline, { batch: ({ batch }) => batch });
}

/** One load, with what it cost the database and how many addresses went into one transaction (they share its start time). */
async function handOut(product: Product, load: Load): Promise<Handed> {
  const { database } = product;
  const { rows: before } = await database.query('SELECT coalesce(max(id), 0) AS last FROM address');
  const taken = await costs(product, load);
  const { rows } = await database.query(
    'SELECT count(*)::float8 / nullif(count(DISTINCT created_at), 0) AS batch FROM address WHERE id > $1',
    [before[0]?.last],
  );
  return { ...taken, batch: rows[0]?.batch ?? Number.NaN };
}

/** Many addresses in one request, against what pgbench inserts into a bare table of the same database, a row a transaction. */
async function together(report: Report, product: Product, id: number): Promise<void> {
  const load = { ...product.load('POST', `/subnets/${id}/allocations`, { count: atOnce }), amount: 600 };
  await run({ ...load, amount: 60 });
  const taken = await Rounds.of(
    {
      'one-row INSERTs by pgbench, 8 clients': async () => ({
        ...nothing,
        rate: await insertsPerSecond(product),
      }),
      [`${atOnce} at once`]: () => sample(product, load),
    },
    rounds,
  );
  const [inserts, handed] = ['one-row INSERTs by pgbench, 8 clients', `${atOnce} at once`] as const;
  report.table(
    ['rows', 'rows/s', 'p50 ms'],
    [
      [inserts, taken.of(inserts, ({ rate }) => rate), Number.NaN],
      [handed, taken.of(handed, ({ rate }) => rate * atOnce), taken.of(handed, ({ p50 }) => p50)],
    ],
  );
  report.goal('addresses/s to one-row transactions/s', atOnce * taken.ratio(handed, inserts), goals.together);
}

const nothing: Sample = { requests: 0, rate: 0, p50: Number.NaN, p95: Number.NaN, cpu: Number.NaN };

/** pgbench (Debian: postgresql-15) with one INSERT a transaction; every one is flushed, as ours are. */
async function insertsPerSecond({ database, databaseUrl }: Product): Promise<number> {
  await database.query(
    'CREATE TABLE IF NOT EXISTS bench_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ip inet)',
  );
  const folder = await mkdtemp(join(tmpdir(), 'cadastre-pgbench-'));
  try {
    const script = join(folder, 'insert.sql');
    await writeFile(script, "INSERT INTO bench_row (ip) VALUES ('10.0.0.1');\n");
    const { stdout } = await promisify(execFile)('pgbench', [
      '--no-vacuum',
      '--protocol=prepared',
      '--client=8',
      '--jobs=1',
      '--time=4',
      `--file=${script}`,
      databaseUrl,
    ]);
    return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** An old snapshot keeps every version of the hot rows alive; they pile up for a minute before anything is measured. */
async function snapshot(
  report: Report,
  product: Product,
  id: number,
  empty: () => Promise<Handed>,
): Promise<void> {
  const load = product.load('POST', `/subnets/${id}/allocations`, {});
  await product.database.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await product.database.query('SELECT FROM subnet LIMIT 1');
  await run({ ...load, seconds: snapshotAge });
  const none = { batch: Number.NaN, database: Number.NaN };
  const taken = await Rounds.of(
    {
      'empty route': empty,
      'IPv6 /64': async () => {
        await run({ ...load, seconds: 1 });
        return { ...(await sample(product, { ...load, seconds: 5 })), ...none };
      },
    },
    rounds,
  );
  await product.database.query('COMMIT');
  table(report, `With a snapshot open that was ${snapshotAge} s old at the start`, taken);
  report.goal(
    'the rate of allocation under the snapshot to that of the empty route',
    taken.ratio('IPv6 /64', 'empty route'),
    goals.plain,
  );
}

async function inTurn<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let n = 0; n < count; n += 1) made.push(await make(n));
  return made;
}

await main();
