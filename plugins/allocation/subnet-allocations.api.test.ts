import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';
import { assertExact } from './testing/space-state.ts';

describe('handing out subnets', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets, allocation]);
  });
  after(() => register.stop());
  afterEach(async () => {
    await assertExact(register.db.query);
    await register.db.query('DELETE FROM address');
    await register.db.query('DELETE FROM subnet');
  });

  const engineer = () => register.as('engineer');
  const code = ({ status, body }: { status: number; body: { type: string } }) =>
    `${status} ${body.type.split(':').at(-1)}`;
  const make = async (...cidrs: string[]): Promise<number> => {
    const made: number[] = [];
    for (const cidr of cidrs) made.push((await engineer().post('/subnets', { cidr })).body.id);
    return made[0] as number;
  };
  const ask = (id: number, wish: object) => engineer().post(`/subnets/${id}/subnet-allocations`, wish);
  const take = async (id: number, wish: object) => {
    const answer = await ask(id, wish);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.subnets.map(({ cidr }: { cidr: string }) => cidr).join(' ');
  };

  it('takes the lowest aligned free block', async () => {
    const id = await make('10.0.0.0/8', '10.0.0.0/24', '10.0.2.0/24');
    const strategy = 'first';
    assert.equal(await take(id, { prefixLength: 23, strategy }), '10.0.4.0/23');
    assert.equal(await take(id, { prefixLength: 24, strategy }), '10.0.1.0/24');
    assert.equal(
      await take(id, { prefixLength: 24, strategy, count: 3 }),
      '10.0.3.0/24 10.0.6.0/24 10.0.7.0/24',
    );
  });

  it('by best fit, which is the default, spares the large blocks', async () => {
    const id = await make('10.0.0.0/16', '10.0.0.0/18', '10.0.96.0/19', '10.0.128.0/17');
    assert.equal(await take(id, { prefixLength: 20 }), '10.0.64.0/20');
    const other = await make('10.1.0.0/24', '10.1.0.64/26', '10.1.0.144/28');
    // Free: a /26 at .0, a /28 at .128, and 96 addresses from .160 on.
    assert.equal(await take(other, { prefixLength: 28 }), '10.1.0.128/28');
    assert.equal(await take(other, { prefixLength: 28 }), '10.1.0.0/28');
    assert.equal(await take(other, { prefixLength: 26, strategy: 'first' }), '10.1.0.192/26');
  });

  it('gives them the VLAN that is asked for, by id or as group/vid', async () => {
    const id = await make('10.0.0.0/16');
    const { body: vlan } = await engineer().post('/vlans', { vid: 100 });
    const vlanIds = async (wish: object) =>
      (await ask(id, { prefixLength: 24, ...wish })).body.subnets.map(
        (each: { vlanId: number }) => each.vlanId,
      );
    assert.deepEqual(await vlanIds({ vlanId: vlan.id, count: 2 }), [vlan.id, vlan.id]);
    assert.deepEqual(await vlanIds({ vlan: 'default/100' }), [vlan.id]);
    assert.deepEqual(await vlanIds({}), [null]);
    const unknown = await ask(id, { prefixLength: 24, vlan: 'default/101' });
    assert.deepEqual([code(unknown), unknown.body.errors[0].path], ['422 invalid', 'body.vlan']);
    assert.equal(code(await ask(id, { prefixLength: 24, vlan: 'default/100', vlanId: 1 })), '422 invalid');
  });

  it('takes no block that holds an address', async () => {
    const id = await make('10.0.0.0/28');
    await engineer().post('/addresses', { address: '10.0.0.1' });
    await engineer().post('/addresses', { address: '10.0.0.9' });
    assert.equal(await take(id, { prefixLength: 30, strategy: 'first' }), '10.0.0.4/30');
    assert.equal(await take(id, { prefixLength: 30, strategy: 'first' }), '10.0.0.12/30');
    assert.equal(code(await ask(id, { prefixLength: 30 })), '409 insufficient-space');
  });

  it('takes all or none, and says how many there is room for', async () => {
    const id = await make('10.0.0.0/24');
    const { body } = await ask(id, { prefixLength: 26, count: 5 });
    assert.deepEqual([body.status, body.free, body.wanted], [409, 4, 5]);
    assert.equal((await engineer().get(`/subnets/${id}`)).body.childCount, 0);
    const all = await ask(id, {
      prefixLength: 26,
      count: 4,
      name: 'Lab',
      status: 'reserved',
      tags: ['x'],
      metadata: { a: 1 },
      description: 'd',
    });
    const [first] = all.body.subnets;
    assert.deepEqual(
      [first.name, first.status, first.tags, first.metadata, first.description, first.parentId],
      ['Lab', 'reserved', ['x'], { a: 1 }, 'd', id],
    );
    assert.deepEqual((await engineer().get(`/subnets/${first.id}`)).body, first);
  });

  it('works up to both ends of the address space', async () => {
    const four = await make('0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/2', '192.0.0.0/3', '224.0.0.0/4');
    assert.equal(await take(four, { prefixLength: 5, count: 2 }), '240.0.0.0/5 248.0.0.0/5');
    const six = await make('::/0', '::/1', '8000::/2');
    assert.equal(await take(six, { prefixLength: 3, count: 2 }), 'c000::/3 e000::/3');
    assert.equal(code(await ask(six, { prefixLength: 3 })), '409 insufficient-space');
    const last = await make('ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffc/126');
    assert.equal(
      (await take(last, { prefixLength: 128, count: 4 })).split(' ').at(-1),
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128',
    );
    const first = await make('::/126');
    assert.equal(await take(first, { prefixLength: 128, count: 2 }), '::/128 ::1/128');
  });

  it('keeps to the lengths of the policy, and takes the usual one where none is named', async () => {
    const id = await make('10.0.0.0/16');
    const policy = { minChildPrefixLength: 20, maxChildPrefixLength: 28, defaultChildPrefixLength: 24 };
    assert.equal((await engineer().patch(`/subnets/${id}`, policy)).status, 200);
    assert.equal(await take(id, {}), '10.0.0.0/24');
    assert.equal(await take(id, { prefixLength: 28 }), '10.0.1.0/28');
    for (const prefixLength of [19, 29]) {
      const { status, body } = await ask(id, { prefixLength });
      assert.deepEqual(
        [status, body.errors],
        [
          422,
          [
            {
              path: 'body.prefixLength',
              code: 'against-policy',
              message: `10.0.0.0/16 hands out /20 to /28 by its policy, and not a /${prefixLength}.`,
            },
          ],
        ],
      );
    }
    await engineer().patch(`/subnets/${id}`, { minChildPrefixLength: 24, maxChildPrefixLength: 24 });
    assert.equal(
      (await ask(id, { prefixLength: 25 })).body.errors[0].message,
      '10.0.0.0/16 hands out /24 by its policy, and not a /25.',
    );
  });

  it('refuses lengths that are no part of the subnet', async () => {
    const id = await make('10.0.0.0/24');
    for (const [prefixLength, message] of [
      [24, 'A /24 is not a part of 10.0.0.0/24: it takes /25 to /32.'],
      [8, 'A /8 is not a part of 10.0.0.0/24: it takes /25 to /32.'],
      [33, 'A /33 is not a part of 10.0.0.0/24: it takes /25 to /32.'],
    ] as const) {
      const { status, body } = await ask(id, { prefixLength });
      assert.deepEqual(
        [status, body.errors[0]],
        [422, { path: 'body.prefixLength', code: 'not-inside', message }],
      );
    }
    const host = await make('10.0.0.1/32');
    assert.match((await ask(host, { prefixLength: 32 })).body.detail, /nothing fits into it/);
    assert.deepEqual((await ask(id, {})).body.errors, [
      {
        path: 'body.prefixLength',
        code: 'required',
        message: 'It is missing, and 10.0.0.0/24 has no defaultChildPrefixLength.',
      },
    ]);
    assert.equal(code(await ask(id, { prefixLength: 26, strategy: 'sideways' })), '422 invalid');
    assert.equal(code(await ask(999_999, { prefixLength: 26 })), '404 not-found');
  });
});
