import { stopTestServer } from '#core/testing';
import { settle } from './harness/filled.ts';
import { type Product, startProduct } from './harness/product.ts';
import { Report } from './harness/report.ts';
import { median } from './harness/rounds.ts';

const goals = { many: 1.5, holes: 10, map: 30 };
const children = 50_000;
const asked = 60;

/** Single requests, one after the other: the next free /24 of a /8 however many it has handed out, and the map of a /20. */
async function main(): Promise<void> {
  const product = await startProduct();
  const report = new Report('Free subnets and the map', product.postgres);
  try {
    const few = await slash8(product, '11.0.0.0/8', 10);
    const many = await slash8(product, '12.0.0.0/8', children);
    const holes = await slash8(product, '13.0.0.0/8', children, true);
    const { id: slash20 } = await product.call<{ id: number }>('POST', '/subnets', { cidr: '10.0.0.0/20' });
    await product.database.query(
      `INSERT INTO address (vrf_id, address, hostname)
         SELECT 1, '10.0.0.0'::inet + n, 'host-' || n || '.example.net' FROM generate_series(1, 4094) n`,
    );
    await settle(product);
    const next = (id: number) => () =>
      product.call('POST', `/subnets/${id}/subnet-allocations`, { prefixLength: 24 });
    const times = await inTurn({
      'next /24 of a /8 with 10': next(few),
      'next /24 of a /8 with 50,000': next(many),
      'the same, every second released': next(holes),
      'map of a full /20': () => product.call('GET', `/subnets/${slash20}/map`),
    });
    report.table(
      ['one request at a time', 'p50 ms', 'p95 ms'],
      Object.entries(times).map(([name, taken]) => [name, at(taken, 0.5), at(taken, 0.95)]),
    );
    const [atTen = [], atMany = [], atHoles = [], map = []] = Object.values(times);
    const rows: [string, number, number][] = [
      ['p50 at 10 children times 1.5 to that at 50,000', (goals.many * median(atTen)) / median(atMany), 1],
      [
        'p50 at 10 children times 10 to that with every second released',
        (goals.holes * median(atTen)) / median(atHoles),
        1,
      ],
      ['30 ms to the p50 of the map', goals.map / median(map), 1],
    ];
    for (const [what, ratio, goal] of rows) report.goal(what, ratio, goal);
    report.end();
  } finally {
    await product.stop();
    await stopTestServer();
  }
}

/** A /8 with so many /24 from its low end; where told, every second is released again, one statement for all. */
async function slash8(product: Product, cidr: string, count: number, withHoles = false): Promise<number> {
  const { id } = await product.call<{ id: number }>('POST', '/subnets', { cidr });
  await product.database.query(
    `INSERT INTO subnet (vrf_id, cidr)
       SELECT 1, set_masklen(first_ip($1::cidr) + n * 256, 24)::cidr FROM generate_series(0, $2::int - 1) n`,
    [cidr, count],
  );
  if (withHoles) {
    await product.database.query(
      `DELETE FROM subnet WHERE parent_id = $1 AND (cidr - first_ip($2::cidr)) / 256 % 2 = 1`,
      [id, cidr],
    );
  }
  return id;
}

/** Milliseconds of each case's requests, the cases in turn, so that a slow moment of the machine hits them all. */
async function inTurn(cases: Record<string, () => Promise<unknown>>): Promise<Record<string, number[]>> {
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, [] as number[]]));
  for (let round = -5; round < asked; round += 1) {
    for (const [name, ask] of Object.entries(cases)) {
      const began = performance.now();
      await ask();
      // The first few only warm up.
      if (round >= 0) times[name]?.push(performance.now() - began);
    }
  }
  return times;
}

function at(times: readonly number[], share: number): number {
  return [...times].sort((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? Number.NaN;
}

await main();
