import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin } from '#core';
import { startTestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { allocation, allocationStrategies, subnetStrategies } from './index.ts';
import { type Desk, openDesk, outcome } from './testing/desk.ts';
import { ApiProcesses } from './testing/processes.ts';

const full = '409 insufficient-space';
const heard: string[] = [];

/** A third party's: a strategy of each kind, and an ear for what expires. */
const thirdParty = definePlugin({
  name: 'third-party',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Adds strategies.',
  requires: [allocation],
  setup(ctx) {
    ctx.extend(allocationStrategies, {
      name: 'third',
      summary: 'The third usable one.',
      pick: async ({ windows: [window] }) => (window ? [window.first + 2n] : undefined),
    });
    ctx.extend(subnetStrategies, {
      name: 'lowest-but-one',
      summary: 'The second block.',
      pick: async ({ block }, { prefixLength }) => block.first + (1n << BigInt(32 - prefixLength)),
    });
    ctx.on('address.expiring', async (_tx, { address }) => void heard.push(`${address} is expiring`));
    ctx.on('address.released', async (_tx, { address }) => void heard.push(`${address} is released`));
  },
});

describe('the rules of allocation', () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk({}, thirdParty);
  });
  after(() => desk.register.stop());
  afterEach(async () => {
    await desk.clear();
    heard.length = 0;
  });

  const get = async (path: string) => (await desk.engineer().get(path)).body;
  const row = async (address: string) => (await get(`/addresses?address=${address}`)).items[0];
  const send = (path: string, body?: object, key?: string) =>
    desk.engineer().post(path, body, key === undefined ? {} : { 'Idempotency-Key': key });
  /** Answers what a request is answered while somebody else holds the space of a subnet for a second. */
  async function whileHeld<T>(
    id: number,
    request: () => PromiseLike<T>,
  ): Promise<{ answer: T; waited: boolean }> {
    return desk.register.db.withConnection(async (connection) => {
      await connection.query(`BEGIN; SELECT lock_usage(ARRAY[${id}])`);
      let isAnswered = false;
      const answer = Promise.resolve(request()).finally(() => {
        isAnswered = true;
      });
      await sleep(1_000);
      const waited = !isAnswered;
      await connection.query('COMMIT');
      return { answer: await answer, waited };
    });
  }

  describe('status', () => {
    it('free: released, kept for its history, handed out again after the cooldown', async () => {
      const id = await desk.make('10.0.0.0/30', { cooldownSeconds: 3600 });
      await desk.take(id, { count: 2 });
      const { id: before } = await row('10.0.0.1');
      await desk.release('10.0.0.1');
      assert.deepEqual([(await row('10.0.0.1')).status, await desk.take(id)], ['free', full]);
      assert.equal(await desk.take(id, { address: '10.0.0.1' }), '409 address-cooling-down');
      await desk.letCoolDown();
      assert.equal(await desk.take(id), '10.0.0.1');
      assert.equal((await row('10.0.0.1')).id, before);
    });

    it('free: a cooldown of a second is over after a second', async () => {
      const id = await desk.make('10.0.0.0/32', { cooldownSeconds: 1 });
      await desk.take(id);
      await desk.release('10.0.0.0');
      assert.equal(await desk.take(id), full);
      await sleep(1_050);
      assert.equal(await desk.take(id), '10.0.0.0');
    });

    for (const status of ['reserved', 'assigned', 'quarantined', 'deprecated']) {
      it(`${status}: may be said of what is handed out, counts as used, and is not handed out`, async () => {
        const id = await desk.make('10.0.0.0/30');
        assert.equal(await desk.take(id, { status }), '10.0.0.1');
        assert.deepEqual([(await row('10.0.0.1')).status, (await desk.utilization(id)).used], [status, 1]);
        assert.equal(await desk.take(id, { address: '10.0.0.1' }), '409 address-taken');
        assert.equal(await desk.take(id), '10.0.0.2');
      });
    }

    it('quarantined: is neither released nor handed out until it is resolved', async () => {
      const id = await desk.make('10.0.0.0/32');
      const held = await desk.hold('10.0.0.0', { status: 'quarantined' });
      assert.equal(outcome(await send(`/addresses/${held}/release`)), '409 address-quarantined');
      await desk.engineer().patch(`/addresses/${held}`, { status: 'assigned' });
      await desk.release('10.0.0.0');
      assert.equal(await desk.take(id), '10.0.0.0');
    });

    it('an address without a row is free', async () => {
      const id = await desk.make('10.0.0.0/30');
      assert.deepEqual([(await get('/addresses')).items, (await desk.utilization(id)).free], [[], 2]);
    });

    it('an allocation that names no status makes it assigned, and none can make it free', async () => {
      const id = await desk.make('10.0.0.0/30');
      await desk.take(id);
      assert.equal((await row('10.0.0.1')).status, 'assigned');
      assert.equal(await desk.take(id, { status: 'free' }), '422 invalid');
    });
  });

  describe('strategies', () => {
    const arranged = async (more: object = {}) => {
      const id = await desk.make('10.0.0.0/28', more);
      for (const host of [1, 5, 14]) await desk.hold(`10.0.0.${host}`);
      return id;
    };
    for (const [strategy, what, handed] of [
      [undefined, 'is first', '10.0.0.2 10.0.0.3'],
      ['first', 'takes the lowest usable free address', '10.0.0.2 10.0.0.3'],
      ['last', 'takes the highest', '10.0.0.13 10.0.0.12'],
      // Free are .2 to .4 and .6 to .13, then .6 to .8 and .10 to .13.
      ['sparse', 'takes the middle of the largest gap', '10.0.0.9 10.0.0.11'],
    ] as const) {
      it(`${strategy ?? 'the default'} ${what}, named or as the policy of the subnet`, async () => {
        const id = await arranged();
        assert.equal(await desk.take(id, { count: 2, strategy }, '?dryRun=true'), handed);
        await desk.engineer().patch(`/subnets/${id}`, { strategy: strategy ?? null });
        assert.equal(await desk.take(id, { count: 2 }), handed);
      });
    }

    it('random takes any, uniformly', async () => {
      const id = await desk.make('10.0.0.0/29');
      await desk.hold('10.0.0.3');
      const times = new Map([1, 2, 4, 5, 6].map((host) => [`10.0.0.${host}`, 0]));
      for (let n = 0; n < 150; n += 1) {
        const address = await desk.take(id, { strategy: 'random' }, '?dryRun=true');
        times.set(address, (times.get(address) ?? 0) + 1);
      }
      assert.equal(times.size, 5);
      // 30 each, and five standard deviations.
      for (const [address, count] of times)
        assert.ok(count > 5 && count < 55, `${address} ${count} times of 150`);
    });

    it('random of IPv6 takes any of the whole block', async () => {
      const id = await desk.make('2001:db8::/64');
      const all = (await desk.take(id, { strategy: 'random', count: 200 })).split(' ');
      assert.equal(new Set(all).size, 200);
      assert.equal(new Set(all.map((address) => address.split(':')[4]?.padStart(4, '0')[0])).size, 16);
    });

    for (const [strategy, what, prefixLength, handed] of [
      ['first', 'takes the lowest aligned free block', 27, '10.0.0.32/27'],
      [
        'best-fit',
        'takes the lowest aligned block of the smallest free span that has room',
        27,
        '10.0.0.96/27',
      ],
      [undefined, 'is best-fit', 27, '10.0.0.96/27'],
    ] as const) {
      it(`for subnets: ${strategy ?? 'the default'} ${what}, named or as the policy of the subnet`, async () => {
        // Free are .32 to .79, .96 to .127 and from .192 on.
        const id = await desk.make('10.0.0.0/24', '10.0.0.0/27', '10.0.0.80/28', '10.0.0.128/26');
        assert.equal(await desk.blocks(id, { prefixLength, strategy }, '?dryRun=true'), handed);
        await desk.engineer().patch(`/subnets/${id}`, { childStrategy: strategy ?? null });
        assert.equal(await desk.blocks(id, { prefixLength }), handed);
      });
    }

    it('for subnets: sparse takes of an empty /16 the /24s 0.0, 128.0, 64.0, 192.0', async () => {
      const id = await desk.make('10.0.0.0/16');
      const got: string[] = [];
      for (let n = 0; n < 4; n += 1)
        got.push(await desk.blocks(id, { prefixLength: 24, strategy: 'sparse' }));
      assert.deepEqual(got, ['10.0.0.0/24', '10.0.128.0/24', '10.0.64.0/24', '10.0.192.0/24']);
    });

    for (const strategy of ['first', 'best-fit', 'sparse']) {
      it(`for subnets: a block that holds a loose address or a range is not free (${strategy})`, async () => {
        const id = await desk.make('10.0.0.0/24');
        await desk.hold('10.0.0.5');
        await send('/ranges', { start: '10.0.0.130', end: '10.0.0.131', purpose: 'pool' });
        await send('/ranges', { start: '10.0.0.190', end: '10.0.0.200', purpose: 'reserved' });
        assert.equal(await desk.blocks(id, { prefixLength: 26, strategy }), '10.0.0.64/26');
        assert.equal(await desk.blocks(id, { prefixLength: 26, strategy }), full);
      });
    }

    it('third parties add strategies of both kinds', async () => {
      const id = await desk.make('10.0.0.0/24');
      assert.equal(await desk.take(id, { strategy: 'third' }), '10.0.0.3');
      assert.equal(await desk.blocks(id, { strategy: 'lowest-but-one', prefixLength: 28 }), '10.0.0.16/28');
    });
  });

  describe('common', () => {
    it('N at once is all or nothing, in one transaction; 409 says how many were free', async () => {
      const id = await desk.make('10.0.0.0/28');
      await desk.take(id, { count: 4 });
      const made = await desk.register.db.query('SELECT DISTINCT xmin::text FROM address');
      assert.equal(made.length, 1);
      const { status, body } = await desk.ask(id, { count: 11 });
      assert.deepEqual([status, outcome({ status, body }), body.free, body.wanted], [409, full, 10, 11]);
      assert.equal((await desk.utilization(id)).used, 4);
      const children = await send(`/subnets/${id}/subnet-allocations`, { prefixLength: 30, count: 3 });
      assert.deepEqual([outcome(children), children.body.free, children.body.wanted], [full, 2, 3]);
      assert.equal((await get(`/subnets/${id}`)).childCount, 0);
    });

    it('a specific address may be asked for; 409 address-taken names the holder', async () => {
      const id = await desk.make('10.0.0.0/24');
      assert.equal(await desk.take(id, { address: '10.0.0.9', hostname: 'printer' }), '10.0.0.9');
      const { status, body } = await desk.ask(id, { address: '10.0.0.9' });
      assert.equal(outcome({ status, body }), '409 address-taken');
      assert.match(body.detail, /^10\.0\.0\.9 is assigned to printer \(address \d+\)\.$/);
      assert.equal(body.holder.hostname, 'printer');
    });

    it('contiguous: true returns N adjacent addresses, or 409', async () => {
      const id = await desk.make('10.0.0.0/28');
      for (const host of [3, 9]) await desk.hold(`10.0.0.${host}`);
      const wish = { count: 5, contiguous: true };
      assert.equal(await desk.take(id, wish), '10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 10.0.0.8');
      assert.equal(await desk.take(id, { ...wish, count: 6 }), full);
    });

    it('parallel callers never get the same address, and none fails because of another', async () => {
      const id = await desk.make('10.0.0.0/24');
      const wishes = [
        {},
        { count: 2 },
        { strategy: 'last' },
        { strategy: 'random' },
        [{}, { strategy: 'sparse' }],
      ];
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, n) => desk.take(id, wishes[n % wishes.length])),
      );
      const handed = answers.flatMap((each) => each.split(' '));
      assert.deepEqual(
        handed.filter((each) => !each.startsWith('10.')),
        [],
      );
      assert.equal(new Set(handed).size, 140);
    });

    it('who comes while the subnet is locked waits its turn and is served', async () => {
      const id = await desk.make('10.0.0.0/24');
      const { id: pool } = (await send('/pools', { name: 'all', members: [id] })).body;
      const held = await desk.hold('10.0.0.200');
      const calls: [path: string, body?: object][] = [
        [`/subnets/${id}/allocations`, {}],
        [`/subnets/${id}/allocations`, { address: '10.0.0.77' }],
        [`/subnets/${id}/allocations`, [{}, { count: 2 }]],
        [`/subnets/${id}/allocations`, { strategy: 'sparse' }],
        [`/subnets/${id}/subnet-allocations`, { prefixLength: 28 }],
        [`/pools/${pool}/allocations`, {}],
        [`/pools/${pool}/subnet-allocations`, { prefixLength: 28 }],
        [`/addresses/${held}/release`],
        ['/addresses', { address: '10.0.0.99' }],
      ];
      const { answer, waited } = await whileHeld(id, () =>
        Promise.all(calls.map(async ([path, body]) => `${(await send(path, body)).status < 300} ${path}`)),
      );
      assert.ok(waited);
      assert.deepEqual(
        answer,
        calls.map(([path]) => `true ${path}`),
      );
    });

    it('waits for at most lock_timeout, 5 s by default', async () => {
      assert.deepEqual(await desk.register.db.query('SHOW lock_timeout'), [{ lock_timeout: '5s' }]);
    });

    it('expiresAt and ttl: address.expiring is emitted, then a job releases what is due', async () => {
      const start = Date.now();
      const id = await desk.make('10.0.0.0/24');
      await desk.take(id, { ttl: 2 * 86_400 });
      await desk.take(id, { expiresAt: new Date(start + 2 * 86_400_000).toISOString() });
      await desk.take(id);
      const runAt = async (hours: number) => {
        desk.register.setClock(new Date(start + hours * 3_600_000));
        await desk.register.runJob('allocation.expire');
        return heard.splice(0).sort();
      };
      assert.deepEqual(await runAt(1), []);
      assert.deepEqual(await runAt(47), ['10.0.0.1 is expiring', '10.0.0.2 is expiring']);
      assert.deepEqual([(await row('10.0.0.1')).status, (await desk.utilization(id)).used], ['assigned', 3]);
      assert.deepEqual(await runAt(49), ['10.0.0.1 is released', '10.0.0.2 is released']);
      assert.equal(await desk.take(id, { count: 2 }), '10.0.0.1 10.0.0.2');
    });

    it('release keeps the row (free), clears the assignment, starts the cooldown, is idempotent', async () => {
      const id = await desk.make('10.0.0.0/24', { cooldownSeconds: 3600 });
      await desk.take(id, { hostname: 'web', mac: '001a2b3c4d5e', ttl: 60 });
      const before = await row('10.0.0.1');
      const first = await send(`/addresses/${before.id}/release`);
      const { status, hostname, mac, deviceId, role, expiresAt, availableAt } = first.body;
      assert.deepEqual([first.status, first.body.id, status], [200, before.id, 'free']);
      assert.deepEqual([hostname, mac, deviceId, role, expiresAt], [null, null, null, null, null]);
      const rest = Date.parse(availableAt) - Date.now();
      assert.ok(rest > 3_500_000 && rest <= 3_600_000, availableAt);
      assert.deepEqual((await send(`/addresses/${before.id}/release`)).body, first.body);
    });

    it('with Idempotency-Key, a repeated request gets the first answer; only 2xx answers are kept', async () => {
      const id = await desk.make('10.0.0.0/31');
      for (const [path, body] of [
        [`/subnets/${id}/allocations`, {}],
        [`/subnets/${id}/allocations`, [{ strategy: 'last' }]],
      ] as const) {
        const key = `key-${JSON.stringify(body)}`;
        const first = await send(path, body, key);
        const again = await send(path, body, key);
        assert.deepEqual([first.status, again.body], [201, first.body]);
        assert.deepEqual([again.status, again.headers['idempotency-replayed']], [201, 'true']);
      }
      const refused = await send(`/subnets/${id}/allocations`, {}, 'key');
      await desk.release('10.0.0.0');
      const granted = await send(`/subnets/${id}/allocations`, {}, 'key');
      assert.deepEqual([refused.status, granted.status], [409, 201]);
    });
  });

  it('where the wait is longer than lock_timeout, 503 says when to come again, and it works then', async () => {
    const own = await openDesk({ database: { lockTimeout: 200 } });
    const id = await own.make('10.0.0.0/24');
    await own.register.db.withConnection(async (connection) => {
      await connection.query(`BEGIN; SELECT lock_usage(ARRAY[${id}])`);
      for (const [path, body] of [
        [`/subnets/${id}/allocations`, {}],
        [`/subnets/${id}/allocations`, [{ strategy: 'last' }]],
        [`/subnets/${id}/subnet-allocations`, { prefixLength: 28 }],
      ] as const) {
        const { status, body: problem, headers } = await own.engineer().post(path, body);
        assert.equal(outcome({ status, body: problem }), '503 unavailable');
        assert.equal(problem.detail, 'Others are changing the same records; try again shortly.');
        assert.ok(Number(headers['retry-after']) > 0, headers['retry-after']);
      }
      await connection.query('ROLLBACK');
    });
    assert.equal(await own.take(id), '10.0.0.1');
    await own.register.stop();
  });
});

describe('an Idempotency-Key', () => {
  it('is answered from any replica, also after a crash, and is its principal’s own and its route’s', async () => {
    const register = await startTestRegister([users, subnets, allocation]);
    const processes = new ApiProcesses(register);
    try {
      const [one, two] = await Promise.all([processes.start(), processes.start()]);
      await one.ask('POST', '/subnets', { cidr: '10.0.0.0/24' });
      const key = { 'idempotency-key': 'k1' };
      const wish = ['POST', '/subnets/1/allocations', { hostname: 'web' }] as const;
      const first = await one.ask(...wish, key);
      await one.kill();
      assert.equal(first.body.addresses[0].address, '10.0.0.1');
      assert.deepEqual(await two.ask(...wish, key), first);

      const account = { email: 'b@example.net', password: 'another person, another key' };
      await two.ask('POST', '/users', { ...account, name: 'B', role: 'engineer' });
      const { accessToken } = (await two.ask('POST', '/auth/login', account)).body;
      const another = await two.ask(...wish, { ...key, authorization: `Bearer ${accessToken}` });
      assert.deepEqual([another.status, another.body.addresses[0].address], [201, '10.0.0.2']);
      const elsewhere = await two.ask('POST', '/addresses', { address: '10.0.0.9' }, key);
      assert.deepEqual([elsewhere.status, elsewhere.body.address], [201, '10.0.0.9']);
    } finally {
      await processes.stop();
      await register.stop();
    }
  }).timeout(60_000);
});
