import { join } from 'node:path';
import { stopTestServer } from '#core/testing';
import { settle } from './harness/filled.ts';
import { type Load, run } from './harness/load.ts';
import { copySubnets, loadFile } from './harness/load-prefixes.ts';
import { type Product, startProduct } from './harness/product.ts';
import { reportProfile } from './harness/profile.ts';
import { Report } from './harness/report.ts';
import { median, Rounds, sample } from './harness/rounds.ts';

const goals = { load: 0.1, lookup: 0.7, tree: 1 / 3 };
const folder = process.env.CADASTRE_SAMPLE_DATA ?? '../shared/data';
const file = join(folder, 'rir-country-prefixes.csv.gz');
const seconds = 5;

/** A quarter of a million real prefixes: loading them, looking addresses up in them, and walking their tree. */
async function main(): Promise<void> {
  const large = await startProduct();
  const small = await startProduct();
  const report = new Report('A quarter of a million prefixes', large.postgres);
  try {
    await loading(report, large);
    await settle(large);
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => small.call('POST', '/subnets', { cidr: `10.0.${n}.0/24` })),
    );
    const inside = lookups(large, await insideAddresses(large));
    const outside = lookups(
      large,
      Array.from({ length: 2000 }, (_, n) => `10.${n % 250}.${n >> 3}.${n % 7}`),
    );
    const empty = { ...large.load('POST', '/bench/empty', {}), seconds };
    const tree = (product: Product): Load => ({ ...product.load('GET', '/subnets/tree?depth=1'), seconds });
    for (const load of [empty, inside, outside, tree(large), tree(small)]) await run({ ...load, seconds: 2 });

    const rounds = await Rounds.of(
      {
        'empty route': () => sample(large, empty),
        'lookup, inside': () => sample(large, inside),
        'lookup, outside': () => sample(large, outside),
        'tree, 100 subnets': () => sample(small, tree(small)),
        'tree, all prefixes': () => sample(large, tree(large)),
      },
      3,
    );
    report.table(
      ['32 connections', 'requests/s', 'to the empty route', 'server CPU µs', 'p50 ms', 'p95 ms'],
      rounds.names.map((name) => [
        name,
        rounds.of(name, ({ rate }) => rate),
        rounds.ratio(name, 'empty route'),
        rounds.of(name, ({ cpu }) => cpu),
        rounds.of(name, ({ p50 }) => p50),
        rounds.of(name, ({ p95 }) => p95),
      ]),
    );
    for (const name of ['lookup, inside', 'lookup, outside'] as const) {
      report.goal(
        `the rate of ${name}, to that of the empty route`,
        rounds.ratio(name, 'empty route'),
        goals.lookup,
      );
    }
    const [few, many] = ['tree, 100 subnets', 'tree, all prefixes'] as const;
    report.goal('the rate of the large tree to that of the small one', rounds.ratio(many, few), goals.tree);
    for (const [name, figure] of [
      ['p50', ({ p50 }: { p50: number }) => p50],
      ['p95', ({ p95 }: { p95: number }) => p95],
    ] as const) {
      report.goal(
        `${name} of the small tree to that of the large one`,
        rounds.ratio(few, many, figure),
        goals.tree,
      );
    }
    await reportProfile(report, 'a look-up', large, inside);
    report.end();
  } finally {
    await large.stop();
    await small.stop();
    await stopTestServer();
  }
}

async function loading(report: Report, product: Product): Promise<void> {
  const loaded = await loadFile(product, file);
  const copies = [await copySubnets(product), await copySubnets(product), await copySubnets(product)];
  const copied = median(copies);
  const rows = loaded.created + loaded.containers;
  report.table(
    ['loading', 'rows', 'seconds', 'rows/s', 'to COPY'],
    [
      [
        'the seeder, containers and tree included',
        rows,
        loaded.seconds,
        rows / loaded.seconds,
        copied / loaded.seconds,
      ],
      ['COPY into an equal table', rows, copied, rows / copied, 1],
    ],
  );
  report.goal('the rate of loading to that of COPY', copied / loaded.seconds, goals.load);
}

/** Random addresses inside random prefixes of both families. */
async function insideAddresses({ database }: Product): Promise<string[]> {
  const { rows } = await database.query<{ ip: string }>(
    `SELECT host(first_ip(cidr) + floor(random() * least(block_size(cidr), 65536))::bigint) AS ip
       FROM subnet TABLESAMPLE BERNOULLI (2) WHERE status <> 'container' ORDER BY random() LIMIT 2000`,
  );
  return rows.map(({ ip }) => ip);
}

function lookups(product: Product, ips: readonly string[]): Load {
  return { ...product.load('GET', ''), paths: ips.map((ip) => `/api/v1/lookup/${ip}`), seconds };
}

await main();
