import assert from 'node:assert/strict';
import { definePlugin } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { type Holding, holdings } from '#plugins/devices';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';
import { assertExact } from './testing/space-state.ts';

type Answer = Awaited<ReturnType<ReturnType<TestRegister['as']>['get']>>;
type Row = Record<string, unknown>;
const refusal = ({ status, body }: Answer) =>
  `${status} ${body.errors?.map((each: { path: string; message: string }) => `${each.path}: ${each.message}`).join(' ') ?? body.detail}`;

describe('addresses that are handed out to a device', () => {
  let register: TestRegister;
  let engineer: ReturnType<TestRegister['as']>;
  let subnet: number;
  let other: number;
  const ids: Record<string, number> = {};
  before(async () => {
    register = await startTestRegister([subnets, allocation]);
    engineer = register.as('engineer');
    for (const name of ['web-1', 'web-2']) {
      const [row] = await register.db.query<{ id: number; at: number }>(
        `WITH d AS (INSERT INTO device (name) VALUES ($1) RETURNING id)
         INSERT INTO interface (device_id, name) SELECT id, 'eth0' FROM d RETURNING device_id AS id, id AS at`,
        [name],
      );
      Object.assign(ids, { [name]: row?.id, [`${name} eth0`]: row?.at });
    }
    subnet = (await engineer.post('/subnets', { cidr: '10.0.0.0/20' })).body.id;
    other = (await engineer.post('/subnets', { cidr: '10.1.0.0/24', strategy: 'last' })).body.id;
  });
  after(async () => {
    await assertExact(register.db.query);
    await register.stop();
  });

  const take = (wish: unknown, headers = {}, id = subnet) =>
    engineer.post(`/subnets/${id}/allocations`, wish, headers);
  const given = ({ status, body }: Answer) => {
    assert.equal(status, 201, JSON.stringify(body));
    return body.addresses.map(({ deviceId, interfaceId }: Row) => [deviceId, interfaceId]);
  };

  it('have it and its interface, named as the wish likes, whatever the road', async () => {
    const [web1, eth0] = [ids['web-1'], ids['web-1 eth0']];
    for (const [wish, held] of [
      [{ deviceId: web1 }, [web1, null]],
      [{ deviceId: web1, interfaceId: eth0 }, [web1, eth0]],
      [{ interfaceId: eth0 }, [web1, eth0]],
      [{ device: 'web-1' }, [web1, null]],
      [{ device: 'web-1', interface: 'eth0', count: 2 }, [web1, eth0]],
      [{ deviceId: web1, strategy: 'last' }, [web1, null]],
      [{ deviceId: null }, [null, null]],
    ] as const) {
      for (const id of [subnet, other]) {
        const answer = await take(wish, {}, id);
        for (const each of given(answer)) assert.deepEqual(each, held, JSON.stringify(wish));
        for (const each of answer.body.addresses)
          assert.deepEqual((await engineer.get(`/addresses/${each.id}`)).body, each);
      }
    }
    const list = await take([{ device: 'web-1' }, { deviceId: ids['web-2'] }, {}]);
    assert.deepEqual(given(list), [
      [web1, null],
      [ids['web-2'], null],
      [null, null],
    ]);
    assert.deepEqual(given(await take({ deviceId: web1, count: 2 }, { 'Idempotency-Key': 'two' })), [
      [web1, null],
      [web1, null],
    ]);
  });

  it('come from pools, too', async () => {
    const { body: pool } = await engineer.post('/pools', { name: 'both', members: [other, subnet] });
    const answer = await engineer.post(`/pools/${pool.id}/allocations`, {
      device: 'web-2',
      interface: 'eth0',
    });
    assert.deepEqual(given(answer), [[ids['web-2'], ids['web-2 eth0']]]);
    const missing = await engineer.post(`/pools/${pool.id}/allocations`, { device: 'web-9' });
    assert.equal(refusal(missing), '422 body.device: There is no device "web-9"; GET /devices lists them.');
  });

  it('are none where the device or interface is not there, or is not the one of the other', async () => {
    const [web1, foreign] = [ids['web-1'], ids['web-2 eth0']];
    const before = (await engineer.get('/addresses?count=exact&limit=1')).body.total;
    for (const [wish, said] of [
      [{ deviceId: 99999 }, 'body.deviceId: There is no device 99999; GET /devices lists them.'],
      [
        { deviceId: 99999, strategy: 'last' },
        'body.deviceId: There is no device 99999; GET /devices lists them.',
      ],
      [{ device: 'web-9' }, 'body.device: There is no device "web-9"; GET /devices lists them.'],
      [{ deviceId: web1, interfaceId: 99999 }, 'body.interfaceId: There is no interface 99999.'],
      [
        { deviceId: web1, interfaceId: foreign },
        `body.interfaceId: Interface ${foreign} (eth0) is one of web-2, and not of web-1.`,
      ],
      [{ deviceId: web1, device: 'web-1' }, 'body.device: Give deviceId or device, not both'],
      [
        [{ deviceId: web1 }, { device: 'web-9' }, { deviceId: 99999 }],
        'body.1.device: There is no device "web-9"; GET /devices lists them. body.2.deviceId: There is no device 99999; GET /devices lists them.',
      ],
    ] as const) {
      assert.equal(refusal(await take(wish)), `422 ${said}`);
      assert.equal(
        refusal(await engineer.post(`/subnets/${subnet}/allocations?dryRun=true`, wish)),
        `422 ${said}`,
      );
    }
    assert.equal((await engineer.get('/addresses?count=exact&limit=1')).body.total, before);
  });

  it('are refused to one of many who ask together, and to nobody else', async () => {
    const wishes = Array.from({ length: 24 }, (_, nth) => ({
      deviceId: nth % 6 === 5 ? 99990 + nth : ids[nth % 2 ? 'web-1' : 'web-2'],
    }));
    const answers = await Promise.all(wishes.map((wish) => take(wish)));
    for (const [nth, answer] of answers.entries()) {
      const { deviceId } = wishes[nth] as { deviceId: number };
      if (deviceId < 99990) assert.deepEqual(given(answer), [[deviceId, null]]);
      else
        assert.equal(
          refusal(answer),
          `422 body.deviceId: There is no device ${deviceId}; GET /devices lists them.`,
        );
    }
    const got = answers.flatMap(({ body }) => body.addresses ?? []).map(({ address }) => address);
    assert.deepEqual([got.length, new Set(got).size], [20, 20]);
  });

  it('are answered for the same key as the first time, whoever has the name by then', async () => {
    const key = { 'Idempotency-Key': 'by-name' };
    const [row] = await register.db.query<{ id: number }>(
      `INSERT INTO device (name) VALUES ('web-7') RETURNING id`,
    );
    const first = await take({ device: 'web-7' }, key);
    await register.db.query(`UPDATE device SET name = 'web-8' WHERE id = $1`, [row?.id]);
    assert.deepEqual((await take({ device: 'web-7' }, key)).body, first.body);
    assert.equal(first.body.addresses[0].deviceId, row?.id);
  });

  it('are told to who asks for one of them by name', async () => {
    const { body } = await take({ deviceId: ids['web-1'] });
    const [{ id, address }] = body.addresses;
    const answer = await take({ address });
    assert.equal(refusal(answer), `409 ${address} is assigned to device ${ids['web-1']} (address ${id}).`);
    assert.equal(answer.body.holder.deviceId, ids['web-1']);
  });

  it('lose all their holders when they are released or expire, and the next gets them without', async () => {
    for (const way of ['release', 'expire']) {
      const { body } = await take({ device: 'web-1', interface: 'eth0' });
      const [{ id, address }] = body.addresses;
      await engineer.patch(`/addresses/${id}`, { role: 'vip' });
      await engineer.post(`/addresses/${id}/assignments`, { device: 'web-2' });
      if (way === 'release') await engineer.post(`/addresses/${id}/release`);
      else {
        await engineer.patch(`/addresses/${id}`, { expiresAt: new Date(Date.now() - 1000).toISOString() });
        await register.runJob('allocation.expire');
      }
      const { status, deviceId, interfaceId, role } = (await engineer.get(`/addresses/${id}`)).body;
      assert.deepEqual([status, deviceId, interfaceId, role], ['free', null, null, null], way);
      assert.deepEqual((await engineer.get(`/addresses/${id}/assignments`)).body.items, []);
      assert.deepEqual(given(await take({ address })), [[null, null]]);
      const again = await engineer.post(`/addresses/${id}/release`);
      assert.equal(again.status, 200);
      assert.deepEqual(given(await take({ address, device: 'web-2' })), [[ids['web-2'], null]]);
    }
  });

  it('keep their holders when their subnet is renumbered', async () => {
    const { body: home } = await engineer.post('/subnets', { cidr: '10.9.0.0/28' });
    const { body } = await engineer.post(`/subnets/${home.id}/allocations`, { device: 'web-1' });
    const [{ id }] = body.addresses;
    await engineer.patch(`/addresses/${id}`, { role: 'anycast' });
    await engineer.post(`/addresses/${id}/assignments`, { device: 'web-2' });
    assert.equal((await engineer.post(`/subnets/${home.id}/renumber`, { cidr: '10.9.1.0/28' })).status, 200);
    const { items } = (await engineer.get(`/addresses/${id}/assignments`)).body;
    assert.deepEqual(
      items.map(({ deviceId }: Row) => deviceId),
      [ids['web-1'], ids['web-2']],
    );
  });
});

describe('what a device holds', () => {
  const heard: string[] = [];
  let register: TestRegister;
  let engineer: ReturnType<TestRegister['as']>;
  /** What the plugin does with what a device or an interface holds that is about to go. */
  let holding: Holding;
  const listener = definePlugin({
    name: 'listener',
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'Hears of addresses.',
    requires: [allocation, subnets],
    setup(ctx) {
      ctx.on('address.released', async (_tx, { address }) => void heard.push(`${address} released`));
      ctx.on('address.updated', async (_tx, { address }) => void heard.push(`${address} updated`));
      return { all: () => ctx.extensions(holdings) };
    },
  });
  let device: number;
  let port: number;
  let second: number;

  before(async () => {
    register = await startTestRegister([subnets, allocation, listener], {
      env: { CADASTRE_ALLOCATION_COOLDOWN_SECONDS: '3600' },
    });
    engineer = register.as('engineer');
    [holding] = register.host.api(listener).all() as [Holding];
  });
  after(() => register.stop());
  beforeEach(async () => {
    for (const table of ['address_assignment', 'address', 'device']) {
      await register.db.query('UPDATE subnet SET gateway = NULL WHERE gateway IS NOT NULL');
      await register.db.query(`DELETE FROM ${table}`);
    }
    await register.db.query('DELETE FROM subnet');
    const [row] = await register.db.query<{ device: number; port: number }>(
      `WITH d AS (INSERT INTO device (name) VALUES ('r1') RETURNING id)
       INSERT INTO interface (device_id, name) SELECT id, 'eth0' FROM d RETURNING device_id AS device, id AS port`,
    );
    const [next] = await register.db.query<{ id: number }>(
      `INSERT INTO device (name) VALUES ('r2') RETURNING id`,
    );
    [device, port, second] = [row?.device ?? 0, row?.port ?? 0, next?.id ?? 0];
    await engineer.post('/subnets', { cidr: '10.0.0.0/24', gateway: '10.0.0.1' });
    await engineer.post('/subnets', { cidr: '10.1.0.0/24' });
    const add = async (address: string, body: object) =>
      (await engineer.post('/addresses', { address, ...body })).body.id as number;
    await add('10.0.0.2', { deviceId: device, role: 'primary' });
    await add('10.0.0.3', { interfaceId: port });
    await add('10.1.0.4', { deviceId: device, status: 'quarantined' });
    const shared = await add('10.1.0.5', { role: 'vip', deviceId: device });
    const theirs = await add('10.1.0.6', { role: 'vip', deviceId: second });
    const alone = await add('10.1.0.7', { role: 'vip' });
    await add('10.1.0.8', { deviceId: second });
    await engineer.post(`/addresses/${shared}/assignments`, { deviceId: second });
    await engineer.post(`/addresses/${theirs}/assignments`, { interfaceId: port });
    await engineer.post(`/addresses/${alone}/assignments`, { deviceId: device });
    const [gateway] = (await engineer.get('/addresses?address=10.0.0.1')).body.items;
    await engineer.patch(`/addresses/${gateway.id}`, { deviceId: device });
    heard.length = 0;
  });

  const act = <T>(work: (tx: Parameters<Holding['count']>[0]) => Promise<T>): Promise<T> =>
    register.host.transact({ actor: 'test', changeId: crypto.randomUUID(), source: 'cli' }, work);
  /** Each address with its state, role and holders: `10.0.0.2 assigned primary r1*`. */
  const all = async () => {
    const { items } = (await engineer.get('/addresses?include=assignments&limit=1000')).body;
    return items.map((each: Row) =>
      [
        each.address,
        each.status,
        each.role,
        ...(
          each.assignments as { own: boolean; device: { name: string }; interface: { name: string } | null }[]
        ).map(
          ({ own, device, interface: at }) => `${device.name}${own ? '*' : ''}${at ? ` ${at.name}` : ''}`,
        ),
      ]
        .filter(Boolean)
        .join(' '),
    );
  };

  it('is counted, shared or not', async () => {
    assert.equal(await act((tx) => holding.count(tx, { deviceId: device })), 7);
    assert.equal(await act((tx) => holding.count(tx, { interfaceId: port })), 2);
    assert.equal(await act((tx) => holding.count(tx, { deviceId: 99999 })), 0);
  });

  it('is freed where nobody else holds it, and rests; the rest loses the device', async () => {
    await act((tx) => holding.release(tx, { deviceId: device }));
    assert.deepEqual(await all(), [
      '10.0.0.1 reserved gateway',
      '10.0.0.2 free',
      '10.0.0.3 free',
      '10.1.0.4 quarantined',
      '10.1.0.5 assigned vip r2',
      '10.1.0.6 assigned vip r2*',
      '10.1.0.7 free',
      '10.1.0.8 assigned r2*',
    ]);
    assert.deepEqual(heard, [
      '10.0.0.2 released',
      '10.0.0.3 released',
      '10.1.0.7 released',
      '10.0.0.1 updated',
      '10.1.0.4 updated',
      '10.1.0.5 updated',
      '10.1.0.6 updated',
    ]);
    const [rests] = (await engineer.get('/addresses?address=10.0.0.3')).body.items;
    assert.ok(Date.parse(rests.availableAt) - Date.now() > 3_500_000);
    await register.db.query('DELETE FROM device WHERE id = $1', [device]);
    await assertExact(register.db.query);
  });

  it('is kept without the device', async () => {
    await act((tx) => holding.keep(tx, { deviceId: device }));
    assert.deepEqual(await all(), [
      '10.0.0.1 reserved gateway',
      '10.0.0.2 assigned',
      '10.0.0.3 assigned',
      '10.1.0.4 quarantined',
      '10.1.0.5 assigned vip r2',
      '10.1.0.6 assigned vip r2*',
      '10.1.0.7 assigned vip',
      '10.1.0.8 assigned r2*',
    ]);
    assert.equal(heard.length, 7);
    await register.db.query('DELETE FROM device WHERE id = $1', [device]);
  });

  it('is freed, or stays with the device, where an interface goes', async () => {
    await act((tx) => holding.keep(tx, { interfaceId: port }));
    assert.deepEqual((await all()).slice(2, 3), ['10.0.0.3 assigned r1*']);
    assert.deepEqual((await all()).slice(5, 6), ['10.1.0.6 assigned vip r2* r1']);
    await register.db.query('UPDATE address SET interface_id = $1 WHERE address = $2', [port, '10.0.0.3']);
    await act((tx) => holding.release(tx, { interfaceId: port }));
    assert.deepEqual((await all()).slice(2, 3), ['10.0.0.3 free']);
    await register.db.query('DELETE FROM interface WHERE id = $1', [port]);
    await assertExact(register.db.query);
  });

  it('is asked for where the device or the interface is deleted', async () => {
    const at = `/devices/${device}`;
    const open = await engineer.delete(at);
    assert.equal(
      refusal(open),
      '409 The device holds addresses (7): ?addresses=release frees those that nobody else holds (one in quarantine, or a gateway, only loses its holder), ?addresses=keep keeps them, without the holder.',
    );
    assert.equal(open.body.addresses, 7);
    assert.equal((await engineer.delete(`${at}?addresses=release&dryRun=true`)).status, 204);
    assert.equal((await all()).filter((each: string) => each.includes('free')).length, 0);
    assert.equal((await engineer.delete(`/interfaces/${port}?addresses=keep`)).status, 204);
    assert.equal((await engineer.delete(`${at}?addresses=release`)).status, 204);
    assert.equal((await all()).filter((each: string) => each.includes('free')).length, 3);
    await assertExact(register.db.query);
  });

  it('is five thousand addresses at once', async () => {
    await engineer.post('/subnets', { cidr: '10.8.0.0/16' });
    await register.db.query(
      `INSERT INTO address (vrf_id, address, device_id)
         SELECT 1, '10.8.0.0'::inet + n, $1 FROM generate_series(1, 10000, 2) n`,
      [device],
    );
    const start = performance.now();
    await act((tx) => holding.release(tx, { deviceId: device }));
    const took = performance.now() - start;
    assert.ok(took < 15_000, `it took ${took} ms`);
    const [row] = await register.db.query<{ n: number }>(
      `SELECT count(*) AS n FROM address WHERE status = 'free' AND address << '10.8.0.0/16' AND available_at IS NOT NULL`,
    );
    assert.equal(row?.n, 5000);
    assert.equal(heard.filter((each) => each.endsWith('released')).length, 5003);
    await assertExact(register.db.query);
  });
});
