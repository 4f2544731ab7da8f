import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';
import { assertExact } from './testing/space-state.ts';

const code = ({ status, body }: { status: number; body: { type: string } }) =>
  `${status} ${body.type.split(':').at(-1)}`;

/** A register with one subnet, and what the tests do with it. */
async function open(cidr: string, env: NodeJS.ProcessEnv = {}) {
  const register = await startTestRegister([subnets, allocation], { env });
  const engineer = register.as('engineer');
  const { body } = await engineer.post('/subnets', { cidr });
  const take = async (wish: object = {}) => {
    const answer = await engineer.post(`/subnets/${body.id}/allocations`, wish);
    return answer.status === 201
      ? answer.body.addresses.map(({ address }: { address: string }) => address).join(' ')
      : code(answer);
  };
  const rows = async () => (await engineer.get('/addresses?limit=1000')).body.items;
  return { register, engineer, id: body.id as number, take, rows };
}

describe('taking addresses back', () => {
  let open_: Awaited<ReturnType<typeof open>>;
  let register: TestRegister;
  beforeEach(async () => {
    open_ = await open('10.0.0.0/24');
    ({ register } = open_);
  });
  afterEach(async () => {
    await assertExact(register.db.query);
    await register.stop();
  });

  it('keeps the row, without its holder, and is no harm when done twice', async () => {
    const { engineer, take, rows } = open_;
    await take({ hostname: 'web', mac: '001a2b3c4d5e', ttl: 60, tags: ['dmz'], description: 'front' });
    const [{ id }] = await rows();
    const first = await engineer.post(`/addresses/${id}/release`);
    assert.equal(first.status, 200);
    const { status, hostname, mac, expiresAt, availableAt, version, tags, description } = first.body;
    assert.deepEqual(
      { status, hostname, mac, expiresAt, availableAt, version, tags, description },
      {
        status: 'free',
        hostname: null,
        mac: null,
        expiresAt: null,
        availableAt: null,
        version: 2,
        tags: ['dmz'],
        description: 'front',
      },
    );
    assert.deepEqual((await engineer.post(`/addresses/${id}/release`)).body, first.body);
    assert.equal(code(await engineer.post('/addresses/999999/release')), '404 not-found');
    assert.equal(await take(), '10.0.0.1');
    const [taken] = await rows();
    assert.deepEqual([taken.id, taken.version, taken.tags, taken.description], [id, 3, [], null]);
  });

  it('takes several back, by id and by name, all or none', async () => {
    const { engineer, take, rows } = open_;
    await take({ count: 5 });
    const [{ id }] = await rows();
    const none = await engineer.post('/addresses/release', {
      addresses: [id, '10.0.0.2', '10.0.0.77', 999_999],
    });
    assert.deepEqual([code(none), none.body.missing], ['404 not-found', [999_999, '10.0.0.77']]);
    assert.ok((await rows()).every(({ status }: { status: string }) => status === 'assigned'));
    const some = await engineer.post('/addresses/release', { addresses: [id, '10.0.0.1', '10.0.0.3'] });
    assert.equal(some.status, 200);
    assert.deepEqual(
      some.body.addresses.map(
        (each: { address: string; status: string }) => `${each.address} ${each.status}`,
      ),
      ['10.0.0.1 free', '10.0.0.3 free'],
    );
    assert.equal(await take({ count: 3 }), '10.0.0.1 10.0.0.3 10.0.0.6');
  });

  it('keeps what is in quarantine, and with it all of a list', async () => {
    const { engineer, take, rows } = open_;
    await take({ count: 2 });
    await take({ status: 'quarantined' });
    const [, , { id }] = await rows();
    const one = await engineer.post(`/addresses/${id}/release`);
    assert.equal(code(one), '409 address-quarantined');
    assert.match(
      one.body.detail,
      /10\.0\.0\.3 is quarantined: resolve the conflict, or change its status, first/,
    );
    const list = await engineer.post('/addresses/release', { addresses: ['10.0.0.1', id, '10.0.0.2'] });
    assert.equal(code(list), '409 address-quarantined');
    assert.deepEqual(
      (await rows()).map(({ status }: { status: string }) => status),
      ['assigned', 'assigned', 'quarantined'],
    );
    await engineer.patch(`/addresses/${id}`, { status: 'assigned' });
    assert.equal((await engineer.post(`/addresses/${id}/release`)).body.status, 'free');
  });

  it('looks names up in the VRF that was chosen', async () => {
    const { engineer, take } = open_;
    await take();
    const missing = await engineer.post('/addresses/release', { addresses: ['10.0.0.1'], vrf: 'nowhere' });
    assert.deepEqual([code(missing), missing.body.errors[0].path], ['422 invalid', 'body.vrf']);
    await engineer.post('/vrfs', { name: 'blue' });
    const other = await engineer.post('/addresses/release', { addresses: ['10.0.0.1'], vrf: 'blue' });
    assert.equal(code(other), '404 not-found');
  });

  it('knows IPv6 names in any spelling, also those that PostgreSQL prints with a dotted quad', async () => {
    const { engineer } = open_;
    await engineer.post('/subnets', { cidr: '::/64' });
    await engineer.post('/addresses', { address: '::1.2.3.4' });
    for (const address of ['::102:304', '0:0::0102:0304', '::1.2.3.4']) {
      const { status, body } = await engineer.post('/addresses/release', { addresses: [address] });
      assert.deepEqual([status, body.addresses?.[0].address], [200, '::102:304'], body.detail);
    }
  });
});

describe('a cooldown', () => {
  it('keeps a released address back until it is over', async () => {
    const { register, engineer, take, rows, id } = await open('10.0.0.0/28', {
      CADASTRE_ALLOCATION_COOLDOWN_SECONDS: '3600',
    });
    await take({ count: 5 });
    const five = (await rows()).find(({ address }: { address: string }) => address === '10.0.0.5');
    const released = await engineer.post(`/addresses/${five.id}/release`);
    const rest = Date.parse(released.body.availableAt) - Date.now();
    assert.ok(rest > 3_500_000 && rest <= 3_600_000);
    assert.deepEqual(
      (await engineer.post(`/addresses/${five.id}/release`)).body,
      released.body,
      'it begins once',
    );
    assert.equal(await take({ count: 10 }), '409 insufficient-space');
    assert.equal(
      await take({ count: 9 }),
      [6, 7, 8, 9, 10, 11, 12, 13, 14].map((n) => `10.0.0.${n}`).join(' '),
    );
    assert.equal(await take(), '409 insufficient-space');
    const named = await engineer.post(`/subnets/${id}/allocations`, { address: '10.0.0.5' });
    assert.equal(code(named), '409 address-cooling-down');
    assert.equal(Date.parse(named.body.availableAt), Date.parse(released.body.availableAt));
    assert.deepEqual(
      (await engineer.get(`/subnets/${id}/free`)).body.items.map(({ start }: { start: string }) => start),
      ['10.0.0.0', '10.0.0.15'],
    );
    await assertExact(register.db.query);

    // An hour later, without anybody having looked.
    await register.db.query(`WITH held AS (SELECT set_config('cadastre.space', 'held', true)),
      a AS (UPDATE address SET available_at = now() - interval '1 second' FROM held WHERE available_at IS NOT NULL),
      s AS (UPDATE free_span SET available_at = now() - interval '1 second' WHERE available_at IS NOT NULL)
      UPDATE subnet_usage SET next_due = now() - interval '1 second' WHERE next_due IS NOT NULL`);
    assert.deepEqual((await engineer.get(`/subnets/${id}/free-subnets?prefixLength=32`)).body.items, [
      '10.0.0.0/32',
      '10.0.0.5/32',
      '10.0.0.15/32',
    ]);
    assert.equal(await take(), '10.0.0.5');
    await assertExact(register.db.query);
    await register.stop();
  });

  it('of a second is over after a second', async () => {
    const { register, engineer, take, rows } = await open('10.0.0.0/30', {
      CADASTRE_ALLOCATION_COOLDOWN_SECONDS: '1',
    });
    await take({ count: 2 });
    const [{ id }] = await rows();
    await engineer.post(`/addresses/${id}/release`);
    assert.equal(await take(), '409 insufficient-space');
    await sleep(1_050);
    assert.equal(await take(), '10.0.0.1');
    await assertExact(register.db.query);
    await register.stop();
  });

  it('is as long as the subnet says, where it says', async () => {
    const { register, engineer, id, take, rows } = await open('10.0.0.0/29', {
      CADASTRE_ALLOCATION_COOLDOWN_SECONDS: '3600',
    });
    const restOfOne = async () => {
      await take();
      const [row] = (await rows()).filter(({ status }: { status: string }) => status === 'assigned');
      const { body } = await engineer.post(`/addresses/${row.id}/release`);
      return body.availableAt && Math.round((Date.parse(body.availableAt) - Date.now()) / 1000);
    };
    assert.ok(Math.abs((await restOfOne()) - 3600) < 20);
    await engineer.patch(`/subnets/${id}`, { cooldownSeconds: 60 });
    assert.ok(Math.abs((await restOfOne()) - 60) < 20);
    await engineer.patch(`/subnets/${id}`, { cooldownSeconds: 0 });
    assert.equal(await restOfOne(), null);
    await assertExact(register.db.query);
    await register.stop();
  });

  it('cannot be negative', async () => {
    await assert.rejects(
      open('10.0.0.0/30', { CADASTRE_ALLOCATION_COOLDOWN_SECONDS: '-1' }),
      /cooldownSeconds|COOLDOWN/i,
    );
  });
});
