import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { definePlugin } from '#core';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';
import { assertExact } from './testing/space-state.ts';

const minute = 60_000;

/** Hears what expiry says; refuses to let go of one address, where told which. */
function listener() {
  const heard: string[] = [];
  const kept = new Set<string>();
  const plugin = definePlugin({
    name: 'listener',
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'Hears of addresses.',
    requires: [allocation],
    setup(ctx) {
      ctx.on('address.released', async (tx, { address }) => {
        if (kept.has(address)) throw new Error(`${address} must stay`);
        heard.push(`${tx.caller.actor} released ${address}`);
      });
      ctx.on(
        'address.expiring',
        async (_tx, { address, expiresAt }) => void heard.push(`${address} ${expiresAt}`),
      );
    },
  });
  return { heard, kept, plugin };
}

describe('expiry', () => {
  let register: TestRegister;
  let start: number;
  let id: number;
  const { heard, kept, plugin } = listener();

  before(async () => {
    register = await startTestRegister([subnets, allocation, plugin], {
      env: { CADASTRE_ALLOCATION_COOLDOWN_SECONDS: '3600', CADASTRE_ALLOCATION_EXPIRY_NOTICE_HOURS: '1' },
    });
  });
  beforeEach(async () => {
    kept.clear();
    start = Date.now();
    register.setClock(new Date(start));
    ({ id } = (await register.as('engineer').post('/subnets', { cidr: '10.0.0.0/20' })).body);
  });
  afterEach(async () => {
    await assertExact(register.db.query);
    const { status } = await register.as('admin').delete(`/subnets/${id}?cascade=delete`);
    assert.equal(status, 204);
    heard.length = 0;
  });
  after(() => register.stop());

  const later = (milliseconds: number) => new Date(start + milliseconds);
  const runAt = (milliseconds: number) => {
    register.setClock(later(milliseconds));
    return register.runJob('allocation.expire');
  };
  const take = async (wish: object) => {
    const { status, body } = await register.as('engineer').post(`/subnets/${id}/allocations`, wish);
    assert.equal(status, 201, JSON.stringify(body));
    return body.addresses as { id: number; address: string; expiresAt: string }[];
  };
  const states = async () =>
    (await register.as('viewer').get('/addresses?limit=1000')).body.items.map(
      ({ address, status }: { address: string; status: string }) => `${address} ${status}`,
    );

  it('releases what is due, as a release does, in its own name', async () => {
    const [given] = await take({ hostname: 'guest', ttl: 120 });
    await take({ hostname: 'resident' });
    await runAt(119_000);
    assert.deepEqual(await states(), ['10.0.0.1 assigned', '10.0.0.2 assigned']);
    await runAt(120_000);
    assert.deepEqual(await states(), ['10.0.0.1 free', '10.0.0.2 assigned']);
    const { body } = await register.as('viewer').get(`/addresses/${given?.id}`);
    assert.deepEqual([body.hostname, body.expiresAt, body.updatedBy], [null, null, 'job:allocation.expire']);
    assert.ok(Date.parse(body.availableAt) > Date.now() + 3_500_000, 'it cools down');
    assert.equal((await take({}))[0]?.address, '10.0.0.3');
    assert.equal(heard.at(-1), 'job:allocation.expire released 10.0.0.1');
    await runAt(180_000);
    assert.equal(heard.filter((each) => each.includes('released')).length, 1);
  });

  it('never takes back what is in conflict, or a gateway', async () => {
    const [conflicting] = await take({ ttl: 60, status: 'quarantined' });
    await register.as('engineer').patch(`/subnets/${id}`, { gateway: '10.0.0.9' });
    await register.db.query("UPDATE address SET expires_at = $1 WHERE role = 'gateway'", [later(60_000)]);
    await runAt(10 * minute);
    assert.deepEqual(await states(), ['10.0.0.1 quarantined', '10.0.0.9 reserved']);
    assert.deepEqual(heard, []);
    await register.as('engineer').patch(`/addresses/${conflicting?.id}`, { status: 'assigned' });
    await runAt(11 * minute);
    assert.deepEqual(
      await states(),
      ['10.0.0.1 free', '10.0.0.9 reserved'],
      'once it is resolved it expires',
    );
  });

  it('leaves alone what was given more time while it waited for the lock', async () => {
    const [given] = await take({ ttl: 60 });
    const psql = new pg.Client({ connectionString: register.databaseUrl });
    await psql.connect();
    await psql.query(`BEGIN; SELECT lock_usage(ARRAY[${id}])`);
    const running = runAt(2 * minute);
    await sleep(150);
    await psql.query('UPDATE address SET expires_at = $1 WHERE id = $2', [later(60 * minute), given?.id]);
    await psql.query('COMMIT');
    await psql.end();
    await running;
    assert.deepEqual(await states(), ['10.0.0.1 assigned']);
  });

  it('takes back more than fits into one transaction, in several subnets', async () => {
    const { body: child } = await register.as('engineer').post('/subnets', { cidr: '10.0.8.0/22' });
    await take({ count: 900, ttl: 60 });
    await register.as('engineer').post(`/subnets/${child.id}/allocations`, { count: 300, ttl: 60 });
    await runAt(2 * minute);
    const [row] = await register.db.query("SELECT count(*) AS held FROM address WHERE status <> 'free'");
    assert.equal(row?.held, 0);
    assert.equal(heard.filter((each) => each.includes('released')).length, 1_200);
  });

  it('does the rest where one address cannot be released, and fails with why', async () => {
    await take({ count: 5, ttl: 60 });
    kept.add('10.0.0.2');
    await assert.rejects(runAt(2 * minute), /10\.0\.0\.2 must stay/);
    assert.deepEqual(
      await states(),
      [1, 2, 3, 4, 5].map((n) => `10.0.0.${n} ${n === 2 ? 'assigned' : 'free'}`),
    );
  });

  it('ends early when it is told to, and the next run does the rest', async () => {
    await take({ ttl: 60 });
    register.setClock(later(2 * minute));
    const { expiry } = register.host.api(allocation);
    await expiry.run({ caller: testCaller(), signal: AbortSignal.abort() });
    assert.deepEqual(await states(), ['10.0.0.1 assigned']);
    await runAt(2 * minute);
    assert.deepEqual(await states(), ['10.0.0.1 free']);
  });

  it('is run by several processes at once without harm', async () => {
    await take({ count: 600, ttl: 60 });
    register.setClock(later(2 * minute));
    await Promise.all([1, 2, 3].map(() => register.runJob('allocation.expire')));
    assert.equal(new Set(heard).size, heard.length, 'each is announced and released once');
    assert.equal(heard.length, 1_200);
  });

  describe('announces', () => {
    it('what is about to expire once, and anew where the moment has changed', async () => {
      const [given] = await take({ expiresAt: later(90 * minute).toISOString() });
      await take({});
      await runAt(29 * minute);
      assert.deepEqual(heard, []);
      await runAt(30 * minute);
      await runAt(31 * minute);
      assert.deepEqual(heard, [`10.0.0.1 ${given?.expiresAt}`]);
      const moved = later(150 * minute).toISOString();
      await register.as('engineer').patch(`/addresses/${given?.id}`, { expiresAt: moved });
      await runAt(32 * minute);
      assert.equal(heard.length, 1, 'the new moment is far off');
      await runAt(91 * minute);
      assert.deepEqual(
        heard.slice(1).map((each: string) => Date.parse(each.split(' ')[1] as string)),
        [Date.parse(moved)],
      );
    });

    it('before it releases, however short the time was', async () => {
      const [given] = await take({ ttl: 1 });
      await runAt(5 * minute);
      assert.deepEqual(heard, [`10.0.0.1 ${given?.expiresAt}`, 'job:allocation.expire released 10.0.0.1']);
      assert.deepEqual(
        await register.db.query('SELECT * FROM expiry_notice WHERE address_id = $1', [given?.id]),
        [],
        'and keeps no notice of what is past',
      );
    });
  });
});
