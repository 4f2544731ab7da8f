import pg from 'pg';
import { stopTestServer } from '#core/testing';
import { setAudit } from './harness/audit.ts';
import { costs, costTable } from './harness/costs.ts';
import { filledSubnet, settle } from './harness/filled.ts';
import { run } from './harness/load.ts';
import { type Product, startProduct } from './harness/product.ts';
import { Report } from './harness/report.ts';
import { median, Rounds } from './harness/rounds.ts';

const goals = { throughput: 0.75, used: 1.2 };
const rounds = 5;
const amount = 20_000;
const bulk = 20_000;

/** What the audit log costs: the rate of allocation with it and without, and a bulk in a session that wrote one row before. */
async function main(): Promise<void> {
  const product = await startProduct();
  const report = new Report('The audit log', product.postgres);
  try {
    await throughput(report, product);
    await oneThenMany(report, product);
    report.end();
  } finally {
    await product.stop();
    await stopTestServer();
  }
}

async function throughput(report: Report, product: Product): Promise<void> {
  const id = await filledSubnet(product, '10.0.0.0/8', { count: 0 });
  const load = product.load('POST', `/subnets/${id}/allocations`, {});
  await settle(product);
  const measured = (on: boolean) => async () => {
    await setAudit(product.database, on);
    // New triggers mean new plans, in every session.
    await run({ ...load, amount: amount / 10 });
    return costs(product, { ...load, amount });
  };
  await run({ ...load, amount });
  const taken = await Rounds.of({ on: measured(true), off: measured(false) }, rounds);
  const baseline = { name: 'off', title: 'to off' };
  costTable(report, 'POST …/allocations {}, 32 connections, audit', taken, baseline);
  const { rows } = await product.database.query(
    `SELECT sum(pg_table_size(relid)) / (SELECT count(*) FROM audit_log) AS row, sum(pg_indexes_size(relid)) / (SELECT count(*) FROM audit_log) AS indexes
       FROM pg_partition_tree('audit_log') WHERE isleaf`,
  );
  report.say(
    `A row takes ${Math.round(rows[0].row)} bytes of the log, and ${Math.round(rows[0].indexes)} of its indexes.`,
  );
  report.goal(
    'the rate of allocation with the log to that without it',
    taken.ratio('on', 'off'),
    goals.throughput,
  );
}

const kinds = {
  inserted: (count: number) =>
    `INSERT INTO address (vrf_id, address) SELECT 1, '20.0.0.1'::inet + n FROM generate_series(1, ${count}) n`,
  updated: (count: number) =>
    `UPDATE address SET description = 'x' WHERE vrf_id = 1 AND address > '20.0.0.1' AND address <= '20.0.0.1'::inet + ${count}`,
  deleted: (count: number) =>
    `DELETE FROM address WHERE vrf_id = 1 AND address > '20.0.0.1' AND address <= '20.0.0.1'::inet + ${count}`,
};

async function oneThenMany(report: Report, product: Product): Promise<void> {
  await product.call('POST', '/subnets', { cidr: '20.0.0.0/8' });
  await setAudit(product.database, true);
  const names = Object.keys(kinds) as (keyof typeof kinds)[];
  const taken = (warmUps: number) => milliseconds(product, warmUps);
  const all: Record<'without' | 'fresh' | 'used', Record<string, number>[]> = {
    without: [],
    fresh: [],
    used: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    await setAudit(product.database, false);
    all.without.push(await taken(0));
    await setAudit(product.database, true);
    all.fresh.push(await taken(0));
    all.used.push(await taken(7));
  }
  const of = (which: keyof typeof all, kind: string) =>
    median(all[which].map((each) => each[kind] ?? Number.NaN));
  report.table(
    [
      `${bulk.toLocaleString('en')} addresses in one statement, ms`,
      'log off',
      'fresh session',
      'after one-row writes',
      'ratio',
    ],
    names.map((kind) => [
      kind,
      of('without', kind),
      of('fresh', kind),
      of('used', kind),
      of('used', kind) / of('fresh', kind),
    ]),
  );
  for (const kind of names) {
    report.goal(
      `the rate of a bulk ${kind} after one-row writes to that in a fresh session`,
      of('fresh', kind) / of('used', kind),
      1 / goals.used,
    );
  }
}

/** Milliseconds that each kind of bulk takes in a session of its own that wrote single rows of each kind before. */
async function milliseconds(
  { databaseUrl, database }: Product,
  warmUps: number,
): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const took: Record<string, number> = {};
  try {
    for (const [kind, statement] of Object.entries(kinds)) {
      for (let n = 0; n < warmUps; n += 1) await client.query(`BEGIN; ${statement(1)}; ROLLBACK`);
      await database.query('CHECKPOINT');
      const start = performance.now();
      await client.query(statement(bulk));
      took[kind] = performance.now() - start;
    }
  } finally {
    await client.end();
  }
  return took;
}

await main();
