import { stopTestServer } from '#core/testing';
import { fillTo, largeAddresses, layOut } from './harness/large.ts';
import { type Load, run } from './harness/load.ts';
import { type Product, startProduct } from './harness/product.ts';
import { Report } from './harness/report.ts';
import { Rounds, type Sample, sample } from './harness/rounds.ts';

const goal = 0.8;
const smallAddresses = 10_000;
const seconds = 4;
const rounds = 3;

type Question = 'empty route' | 'allocation from a /12' | 'allocation from 625 subnets in turn' | 'look-up';

/** Handing out and looking up over HTTP on a register of ten million addresses and on one of ten thousand, in turns. */
async function main(): Promise<void> {
  const large = await startProduct();
  const small = await startProduct();
  const [many, few] = [largeAddresses, smallAddresses].map((count) => count.toLocaleString('en'));
  const report = new Report(`A register of ${many} addresses`, large.postgres);
  try {
    report.table(
      ['loading by SQL', 'addresses', 'seconds'],
      [
        ['the large one', largeAddresses, await filled(large, largeAddresses)],
        ['the small one', smallAddresses, await filled(small, smallAddresses)],
      ],
    );
    const loads = { large: await loadsOf(large), small: await loadsOf(small) };
    for (const each of Object.values(loads)) {
      for (const load of Object.values(each)) await run({ ...load(rounds), seconds: 2 });
    }
    const what = Object.keys(loads.large) as Question[];
    const cases = what.flatMap((name) => [
      [`${name}, of ${many}`, (round: number) => sample(large, loads.large[name](round))] as const,
      [`${name}, of ${few}`, (round: number) => sample(small, loads.small[name](round))] as const,
    ]);
    const taken = await Rounds.of<string, Sample>(Object.fromEntries(cases), rounds);
    const emptyOf = (name: string) => name.replace(/^.*(?=, of )/, 'empty route');
    report.table(
      ['32 connections', 'requests/s', 'to its empty route', 'server CPU µs', 'p50 ms', 'p95 ms'],
      taken.names.map((name) => [
        name,
        taken.of(name, ({ rate }) => rate),
        taken.ratio(name, emptyOf(name)),
        taken.of(name, ({ cpu }) => cpu),
        taken.of(name, ({ p50 }) => p50),
        taken.of(name, ({ p95 }) => p95),
      ]),
    );
    for (const name of what.filter((each) => each !== 'empty route')) {
      const toEmpty = (size: string | undefined) =>
        taken.ratio(`${name}, of ${size}`, `empty route, of ${size}`);
      report.goal(
        `the large register’s ratio to the small one’s, ${name},`,
        toEmpty(many) / toEmpty(few),
        goal,
      );
    }
    report.end();
  } finally {
    await large.stop();
    await small.stop();
    await stopTestServer();
  }
}

/** Fills a register; answers how many seconds it took. */
async function filled({ database }: Product, addresses: number): Promise<number> {
  const began = performance.now();
  await layOut(database);
  await fillTo(database, addresses);
  return (performance.now() - began) / 1000;
}

/** The same questions to either register: what is looked up is taken in both. The round after the last is the rehearsal. */
async function loadsOf(product: Product): Promise<Record<Question, (round: number) => Load>> {
  const { id } = await product.call<{ id: number }>('POST', '/subnets', { cidr: '12.0.0.0/12' });
  const { rows } = await product.database.query<{ id: number; ip: string }>(
    `SELECT s.id::int, host(first_ip(cidr) + 1 + s.id % 3) AS ip FROM subnet s WHERE masklen(cidr) = 20 ORDER BY md5(cidr::text)`,
  );
  const post = (path: string): Load => ({ ...product.load('POST', path, {}), seconds });
  // Each round has subnets of its own: at the full size each has no more than a hundred addresses left.
  const share = Math.floor(rows.length / (rounds + 1));
  const ofRound = (round: number) => rows.slice(round * share, (round + 1) * share);
  return {
    'empty route': () => post('/bench/empty'),
    'allocation from a /12': () => post(`/subnets/${id}/allocations`),
    'allocation from 625 subnets in turn': (round) => ({
      ...post('/'),
      paths: ofRound(round).map((each) => `/api/v1/subnets/${each.id}/allocations`),
    }),
    'look-up': () => ({
      ...product.load('GET', '/'),
      seconds,
      paths: rows.map(({ ip }) => `/api/v1/lookup/${ip}`),
    }),
  };
}

await main();
