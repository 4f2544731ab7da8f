import assert from 'node:assert/strict';
import type { RunQuery } from '#core';
import { type Explainer, openExplainer, startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { tags } from './index.ts';
import { createLabels } from './labels.ts';

describe('tags in a large register', () => {
  let register: TestRegister;
  let explainer: Explainer;
  before(async function () {
    this.timeout(120_000);
    register = await startTestRegister([tags]);
    await fill(register);
    explainer = await openExplainer(register.databaseUrl);
  });
  after(async () => {
    await explainer.end();
    await register.stop();
  });

  const large = ['subnet', 'address', 'subnet_usage'];
  const lists = () => register.host.api(subnets).lists;
  const ask =
    (list: 'subnets' | 'addresses', query: Record<string, string>) =>
    (run: RunQuery): Promise<unknown> =>
      lists()[list].run(run, lists()[list].query.parse(query));
  const labels = () => createLabels(() => register.host.registry);

  for (const [what, asks, uses] of [
    [
      'subnets that inherit a tag',
      ask('subnets', { effectiveTag: 'handed-down' }),
      ['subnet_tags_gin', 'subnet_cidr_gist'],
    ],
    [
      'addresses that inherit a tag',
      ask('addresses', { effectiveTag: 'handed-down' }),
      ['subnet_tags_gin', 'address_tags_gin', 'address_key'],
    ],
    ['what subnets inherit', ask('subnets', { include: 'inheritedTags', limit: '100' }), []],
    ['what addresses inherit', ask('addresses', { include: 'inheritedTags', limit: '100' }), []],
    [
      'how many records carry a tag',
      (run: RunQuery) => labels().usage(run, ['handed-down', 't7']),
      ['subnet_tags_gin', 'address_tags_gin'],
    ],
  ] as const) {
    it(`finds ${what} by ${uses.join(', ') || 'the keys of subnets'}`, async () => {
      const { indexes, scanned } = await explainer.plansOf(asks);
      assert.deepEqual(
        [uses.filter((index) => !indexes.has(index)), large.filter((table) => scanned.has(table))],
        [[], []],
        `it used ${[...indexes].join(', ')}`,
      );
    });
  }
});

/** By SQL: what is tested is reading. */
async function fill({ owner: db }: TestRegister): Promise<void> {
  await db.query(
    `INSERT INTO tag (name, inherited) SELECT 't' || n, n % 2 = 0 FROM generate_series(0, 99) n
     UNION ALL SELECT 'handed-down', true`,
  );
  await db.query(
    `INSERT INTO subnet (vrf_id, cidr, status, tags)
       SELECT 1, set_masklen('10.0.0.0'::inet + n * 65536::bigint, 16)::cidr, 'container',
              CASE WHEN n = 70 THEN '{handed-down}'::text[] ELSE '{}' END FROM generate_series(0, 99) n`,
  );
  await db.query(
    `INSERT INTO subnet (vrf_id, cidr, tags)
       SELECT 1, set_masklen('10.0.0.0'::inet + n % 100 * 65536::bigint + n / 100 * 256, 24)::cidr,
              CASE WHEN n % 10 = 0 THEN ARRAY['t' || n % 100] ELSE '{}' END FROM generate_series(0, 19999) n`,
  );
  await db.withConnection(async (connection) => {
    await connection.query("SET cadastre.space = 'held'");
    await connection.query(
      `INSERT INTO address (vrf_id, subnet_id, address, tags)
         SELECT s.vrf_id, s.id, first_ip(s.cidr) + n, CASE WHEN s.id % 100 = 1 THEN ARRAY['t' || s.id % 700] ELSE '{}' END
           FROM subnet s, generate_series(1, 4) n WHERE s.status <> 'container'`,
    );
    await connection.query('RESET cadastre.space');
  });
  await db.query('VACUUM ANALYZE subnet, subnet_usage, free_span, address, vrf, tag');
}
