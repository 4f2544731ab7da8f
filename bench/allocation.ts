import { stopTestServer } from '#core/testing';
import { filledSubnet, settle } from './harness/filled.ts';
import { type Load, run } from './harness/load.ts';
import { type Product, startProduct } from './harness/product.ts';
import { reportProfile } from './harness/profile.ts';
import { Report } from './harness/report.ts';
import { Rounds, type Sample, sample } from './harness/rounds.ts';

const goal = 0.6;
const flatWithin = 0.15;
const rounds = 3;
/** Requests per round: what a round takes must fit what the subnet has left, however fast the machine. */
const atHalf = 20_000;
const atFill = 8_000;
const slash12 = 2 ** 20 - 2;

interface Handed extends Sample {
  /** Addresses per call of the database. */
  batch: number;
  /** CPU of PostgreSQL, in microseconds per request. */
  database: number;
}

/** Handing out single addresses over HTTP against the empty route of the same process, at several fills. */
async function main(): Promise<void> {
  const product = await startProduct();
  const report = new Report('Handing out addresses', product.postgres);
  try {
    const empty = () => handOut(product, { ...product.load('POST', '/bench/empty', {}), seconds: 5 });
    const from = (id: number, amount: number) =>
      handOut(product, { ...product.load('POST', `/subnets/${id}/allocations`, {}), amount });

    const halves = await inTurn(rounds, (n) => filledSubnet(product, `10.${n}.0.0/16`, { count: 2 ** 15 }));
    const crowded = await inTurn(rounds, (n) =>
      filledSubnet(product, `10.${100 + n}.0.0/16`, { count: 2 ** 15 - 1, step: 2 }),
    );
    const unused = await filledSubnet(product, '12.0.0.0/12', { count: 0 });
    const half = await filledSubnet(product, '13.0.0.0/12', { count: slash12 / 2 });
    // The rounds use up what is left: they go from 97.7 % to all but a thousand addresses, 98.8 % on average.
    const full = await filledSubnet(product, '14.0.0.0/12', { count: slash12 - rounds * atFill - 1_000 });
    const slash8 = await filledSubnet(product, '11.0.0.0/8', { count: 0 });
    const v6 = await filledSubnet(product, '2001:db8::/64', { count: 0 });
    const other = await filledSubnet(product, '15.0.0.0/12', { count: 0 });
    await settle(product);
    await run({ ...product.load('POST', '/bench/empty', {}), seconds: 2 });
    await from(other, 2 * atHalf);

    const main = await Rounds.of(
      { 'empty route': empty, '/16, half full': (round) => from(halves[round] as number, atHalf) },
      rounds,
    );
    const fills = await Rounds.of(
      {
        '/12, empty': () => from(unused, atFill),
        '/12, half full': () => from(half, atFill),
        '/12, 99 % full': () => from(full, atFill),
        '/8, empty': () => from(slash8, atFill),
        'IPv6 /64, empty': () => from(v6, atFill),
        '/16, every second taken': (round) => from(crowded[round] as number, atFill),
      },
      rounds,
    );
    const row = <Name extends string>(from: Rounds<Name, Handed>, name: Name, ratio: number) => [
      name,
      from.of(name, ({ rate }) => rate),
      ratio,
      from.of(name, ({ batch }) => batch),
      from.of(name, ({ cpu }) => cpu),
      from.of(name, ({ database }) => database),
      from.of(name, ({ p50 }) => p50),
      from.of(name, ({ p95 }) => p95),
    ];
    const head = ['batch', 'server CPU µs', 'database CPU µs', 'p50 ms', 'p95 ms'];
    report.table(
      ['POST …/allocations {}, 32 connections', 'requests/s', 'to the empty route', ...head],
      (['empty route', '/16, half full'] as const).map((name) =>
        row(main, name, main.ratio(name, 'empty route')),
      ),
    );
    const ratio = main.ratio('/16, half full', 'empty route');
    report.goal('the rate of allocation to that of the empty route', ratio, goal);
    report.table(
      ['the same at other fills', 'requests/s', 'to an empty /12', ...head],
      fills.names.map((name) => row(fills, name, fills.ratio(name, '/12, empty'))),
    );
    for (const name of ['/12, half full', '/12, 99 % full', '/8, empty', 'IPv6 /64, empty'] as const) {
      report.goal(
        `the rate in ${name}, to that in an empty /12,`,
        fills.ratio(name, '/12, empty'),
        1 - flatWithin,
      );
    }
    await snapshot(report, product, v6);

    await reportProfile(report, 'allocation', product, {
      ...product.load('POST', `/subnets/${slash8}/allocations`, {}),
      seconds: 5,
    });
    report.end();
  } finally {
    await product.stop();
    await stopTestServer();
  }
}

/** One load, with what it cost the database and how many addresses went into one transaction (they share its start time). */
async function handOut(product: Product, load: Load): Promise<Handed> {
  const { database } = product;
  const { rows: before } = await database.query('SELECT coalesce(max(id), 0) AS last FROM address');
  const cpu = await product.databaseCpu();
  const taken = await sample(product, load);
  const spent = (await product.databaseCpu()) - cpu;
  const { rows } = await database.query(
    'SELECT count(*)::float8 / nullif(count(DISTINCT created_at), 0) AS batch FROM address WHERE id > $1',
    [before[0]?.last],
  );
  return { ...taken, batch: rows[0]?.batch ?? Number.NaN, database: spent / taken.requests };
}

/** An old snapshot keeps every version of the hot rows alive: how much slower does it get while one is open? */
async function snapshot(report: Report, product: Product, id: number): Promise<void> {
  const load = { ...product.load('POST', `/subnets/${id}/allocations`, {}), seconds: 5 };
  await product.database.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await product.database.query('SELECT FROM subnet LIMIT 1');
  const rates: number[] = [];
  for (let slice = 0; slice < 6; slice += 1) rates.push((await run(load)).rate);
  await product.database.query('COMMIT');
  const shown = rates.map((rate) => Math.round(rate).toLocaleString('en')).join(', ');
  report.say(`With one old snapshot open for 30 s, in slices of 5 s: ${shown} requests/s.`);
}

async function inTurn<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let n = 0; n < count; n += 1) made.push(await make(n));
  return made;
}

await main();
