import assert from 'node:assert/strict';
import pg from 'pg';
import { keptLog, startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { subnets } from './index.ts';

describe('drift', () => {
  const { log, lines } = keptLog('error');
  let register: TestRegister;
  let psql: pg.Client;
  let id: number;

  before(async () => {
    register = await startTestRegister([subnets], { log });
    psql = new pg.Client({ connectionString: register.databaseUrl });
    await psql.connect();
    const engineer = register.as('engineer');
    ({ id } = (await engineer.post('/subnets', { cidr: '10.0.0.0/24' })).body);
    await engineer.post('/subnets', { cidr: '10.0.0.64/26' });
    await engineer.post('/ranges', { start: '10.0.0.200', end: '10.0.0.209', purpose: 'dhcp' });
    for (const host of [1, 2, 3, 9]) await engineer.post('/addresses', { address: `10.0.0.${host}` });
    await engineer.post('/addresses', { address: '10.0.0.70', status: 'reserved' });
    await psql.query(`INSERT INTO address (vrf_id, address, status, available_at)
      SELECT vrf_id, '10.0.0.20', 'free', now() + interval '1 hour' FROM subnet WHERE id = ${id}`);
    await register.runJob('subnets.rollup');
  });
  beforeEach(() => {
    lines.length = 0;
  });
  after(async () => {
    await psql.end();
    await register.stop();
  });

  const check = () => register.runJob('subnets.check');
  /** Writes as nobody can: without any trigger. */
  const damage = (sql: string) =>
    psql.query(`SET session_replication_role = replica; ${sql}; SET session_replication_role = origin`);
  /** All that is kept of the subnets, hints aside. */
  const kept = async () => ({
    usage: await register.db.query(
      `SELECT subnet_id, counted_first, counted_last, total, children, child_count, taken, ranged, reserved, quarantined,
              next_due FROM subnet_usage ORDER BY 1`,
    ),
    spans: await register.db.query('SELECT * FROM free_span ORDER BY subnet_id, end_ip'),
    rollups: await register.db.query('SELECT * FROM subnet_rollup ORDER BY subnet_id'),
  });
  const figure = async () =>
    /^cadastre_counter_drift (\d+)$/m.exec(await (await fetch(`${register.url}/metrics`)).text())?.[1];

  it('is not found where there is none, nor where something is only put off', async () => {
    await check();
    // Cooled down and merged by nobody yet; bounds that say less than is so.
    await damage(`UPDATE address SET available_at = now() - interval '1 second' WHERE available_at IS NOT NULL;
      UPDATE free_span SET available_at = now() - interval '1 second' WHERE available_at IS NOT NULL;
      UPDATE subnet_usage SET next_due = now() - interval '1 day', free_from = '10.0.0.0', has_ranges = true`);
    await check();
    assert.deepEqual([lines, await figure()], [[], '0']);
    await damage(`UPDATE address SET available_at = now() + interval '1 hour' WHERE available_at IS NOT NULL;
      UPDATE free_span f SET available_at = a.available_at FROM address a
        WHERE f.available_at IS NOT NULL AND a.available_at IS NOT NULL;
      UPDATE subnet_usage SET next_due = (SELECT min(available_at) FROM free_span f WHERE f.subnet_id = subnet_usage.subnet_id),
        free_from = NULL`);
    await check();
    assert.deepEqual(lines, []);
  });

  const usage = (set: string) => `UPDATE subnet_usage SET ${set} WHERE subnet_id = $id`;
  const damages: [name: string, sql: string, fault: RegExp][] = [
    ['a counter', usage('taken = taken + 2'), /^taken 6 instead of 4$/],
    [
      'several counters',
      usage('reserved = 7, child_count = 0, children = 0'),
      /^child_count 0 instead of 1$/,
    ],
    ['what counts', usage("counted_first = '10.0.0.0', total = 255"), /^total 255 instead of 254$/],
    ['the ranges', usage('has_ranges = false, ranged = 0'), /^has_ranges false in spite of 10\.0\.0\.200$/],
    ['a usage row', 'DELETE FROM subnet_usage WHERE subnet_id = $id', /^no usage row$/],
    [
      'a span',
      "DELETE FROM free_span WHERE subnet_id = $id AND start_ip = '10.0.0.4'",
      /gap before 10\.0\.0\.9/,
    ],
    [
      'the last span',
      "DELETE FROM free_span WHERE subnet_id = $id AND end_ip = '10.0.0.255'",
      /gap at the end/,
    ],
    [
      "a span's start",
      "UPDATE free_span SET start_ip = '10.0.0.9' WHERE subnet_id = $id AND start_ip = '10.0.0.10'",
      /overlap at 10\.0\.0\.9/,
    ],
    [
      "a span's room",
      "UPDATE free_span SET room = 25 WHERE subnet_id = $id AND start_ip = '10.0.0.10'",
      /^room 25 instead of 30 at 10\.0\.0\.10$/,
    ],
    [
      'a span in two',
      "UPDATE free_span SET start_ip = '10.0.0.6', room = 31 WHERE subnet_id = $id AND start_ip = '10.0.0.4'; INSERT INTO free_span VALUES ($id, '10.0.0.4', '10.0.0.5', NULL, 31)",
      /not merged at 10\.0\.0\.6/,
    ],
    [
      'a span outside',
      "INSERT INTO free_span VALUES ($id, '10.0.9.0', '10.0.9.0', NULL, 32)",
      /beyond the block/,
    ],
    [
      'a cooldown',
      'UPDATE free_span SET available_at = NULL WHERE subnet_id = $id AND available_at IS NOT NULL',
      /^10\.0\.0\.20 does not cool down until/,
    ],
    [
      'a cooldown of nobody',
      "UPDATE free_span SET available_at = now() + interval '1 day' WHERE subnet_id = $id AND start_ip = '10.0.0.4'",
      /^10\.0\.0\.4 cools down though/,
    ],
    ['the lower bound', usage("free_from = '10.0.0.30'"), /^free_from 10\.0\.0\.30 hides 10\.0\.0\.4$/],
    ['the next due', usage('next_due = NULL'), /^next_due .* is later than/],
  ];
  for (const [name, sql, fault] of damages) {
    it(`in ${name} is told, mended and shown until the next walk`, async () => {
      const sound = await kept();
      await damage(sql.replaceAll('$id', String(id)));
      await check();
      const [line] = lines as { subnet: string; faults: string[] }[];
      assert.equal(lines.length, 1);
      assert.equal(line?.subnet, '10.0.0.0/24');
      assert.ok(
        line?.faults.some((each) => fault.test(each)),
        line?.faults.join('; '),
      );
      assert.equal(await figure(), '1');
      await register.runJob('subnets.rollup');
      assert.deepEqual(await kept(), sound);
      await check();
      assert.deepEqual([lines.length, await figure()], [1, '0']);
    });
  }

  it('is looked for from where the last walk was told to end', async () => {
    await damage(usage('taken = 77').replace('$id', String(id)));
    await register.db.query('UPDATE space_check SET reached = $1', [id]);
    await register.host.api(subnets).drift.check({ caller: testCaller(), signal: AbortSignal.abort() });
    assert.equal(lines.length, 0);
    await check();
    assert.equal(lines.length, 0, 'the rest of the walk under way lies behind it');
    await check();
    assert.equal(lines.length, 1);
  });
});
