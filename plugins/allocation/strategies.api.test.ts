import assert from 'node:assert/strict';
import { definePlugin } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation, allocationStrategies, subnetStrategies } from './index.ts';
import { assertExact } from './testing/space-state.ts';

/** Brings a strategy of each kind, and some that do not keep their word. */
const even = definePlugin({
  name: 'even',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Hands out even addresses, and the highest blocks.',
  requires: [allocation],
  setup(ctx) {
    ctx.extend(allocationStrategies, {
      name: 'even',
      summary: 'The lowest even ones.',
      async pick(space, { count }) {
        const picked: bigint[] = [];
        for await (const run of space.runs()) {
          for (let at = run.first + (run.first % 2n); at <= run.last; at += 2n) {
            picked.push(at);
            if (picked.length === count) return picked;
          }
        }
        return undefined;
      },
    });
    ctx.extend(subnetStrategies, {
      name: 'highest',
      summary: 'The highest block.',
      async pick(space, { prefixLength }) {
        const size = 1n << BigInt((space.family === 4 ? 32 : 128) - prefixLength);
        for await (const run of space.runs({ from: 'highest' })) {
          const first = ((run.last + 1n) / size - 1n) * size;
          if (first >= run.first) return first;
        }
        return undefined;
      },
    });
    // Somebody else's name stays theirs.
    ctx.extend(allocationStrategies, { name: 'first', summary: 'An impostor.', pick: async () => [0n] });
    ctx.extend(allocationStrategies, {
      name: 'outside',
      summary: 'Nonsense.',
      pick: async () => [2n ** 140n],
    });
    ctx.extend(allocationStrategies, {
      name: 'taken',
      summary: 'The first usable, free or not.',
      pick: async ({ windows }) => windows.slice(0, 1).map(({ first }) => first),
    });
    ctx.extend(subnetStrategies, {
      name: 'crooked',
      summary: 'Not aligned.',
      pick: async ({ block }) => block.first + 1n,
    });
    ctx.extend(subnetStrategies, {
      name: 'start',
      summary: 'Free or not.',
      pick: async (s) => s.block.first,
    });
  },
});

type Answered = { status: number; body: { type: string; detail: string; errors: { path: string }[] } };
const code = ({ status, body }: Answered) => `${status} ${body.type.split(':').at(-1)}`;

describe('strategies', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets, allocation, even]);
  });
  after(() => register.stop());
  afterEach(async () => {
    await assertExact(register.db.query);
    await register.db.query('DELETE FROM address');
    await register.db.query('DELETE FROM subnet');
  });

  const engineer = () => register.as('engineer');
  const make = async (cidr: string, more: object = {}): Promise<number> => {
    const { status, body } = await engineer().post('/subnets', { cidr, ...more });
    assert.equal(status, 201, JSON.stringify(body));
    return body.id;
  };
  const hold = async (...addresses: string[]) => {
    for (const address of addresses) await engineer().post('/addresses', { address });
  };
  const ask = (id: number, wish: object = {}) => engineer().post(`/subnets/${id}/allocations`, wish);
  const take = async (id: number, wish: object = {}): Promise<string> => {
    const { status, body } = await ask(id, wish);
    assert.equal(status, 201, JSON.stringify(body));
    return body.addresses.map(({ address }: { address: string }) => address).join(' ');
  };
  const blocks = async (id: number, wish: object): Promise<string> => {
    const { status, body } = await engineer().post(`/subnets/${id}/subnet-allocations`, wish);
    assert.equal(status, 201, JSON.stringify(body));
    return body.subnets.map(({ cidr }: { cidr: string }) => cidr).join(' ');
  };
  const fault = ({
    status,
    body,
  }: {
    status: number;
    body: { errors: { path: string; message: string }[] };
  }) => [status, body.errors[0]?.path, body.errors[0]?.message];

  describe('last', () => {
    it('takes the highest that is usable', async () => {
      const id = await make('10.0.0.0/24');
      assert.equal(await take(id, { strategy: 'last' }), '10.0.0.254');
      assert.equal(await take(id, { strategy: 'last', count: 2 }), '10.0.0.253 10.0.0.252');
      await hold('10.0.0.250');
      assert.equal(await take(id, { strategy: 'last', count: 2 }), '10.0.0.251 10.0.0.249');
      assert.equal(await take(id), '10.0.0.1');
    });

    it('takes N in a row from the highest run that has room', async () => {
      const id = await make('10.0.0.0/24');
      await hold('10.0.0.252');
      const wish = { strategy: 'last', count: 3, contiguous: true };
      assert.equal(await take(id, wish), '10.0.0.249 10.0.0.250 10.0.0.251');
    });

    it('leaves out the reserved interface identifiers of an IPv6 /64', async () => {
      const id = await make('2001:db8::/64');
      assert.equal(await take(id, { strategy: 'last' }), '2001:db8::ffff:ffff:ffff:ffff');
      const exclude = ['2001:db8:0:0:fe00::/71', '2001:db8::/71'];
      await register.db.query(`DELETE FROM address`);
      assert.equal(
        await take(id, { strategy: 'last', exclude }),
        '2001:db8::fdff:ffff:ffff:ff7f',
        'below the anycast addresses of RFC 2526',
      );
      const longer = await make('2001:db8:1::/120');
      assert.equal(await take(longer, { strategy: 'last' }), '2001:db8:1::ff');
    });

    it('has no use for the first address of a /64, whatever may be handed out', async () => {
      const id = await make('2001:db8::/64', { allowNetworkAndBroadcast: true });
      const all = ['2001:db8::8000:0:0:0/65', '2001:db8::4000:0:0:0/66'];
      const most = Array.from({ length: 62 }, (_, n) => 67 + n);
      const exclude = [...all, ...most.map((length) => `${blockAt(length)}/${length}`)].slice(0, 100);
      const answer = await ask(id, { strategy: 'last', exclude });
      assert.equal(code(answer), '409 insufficient-space', JSON.stringify(answer.body));
      assert.equal(
        answer.body.detail,
        '2001:db8::/64 has 1 free address outside of what is excluded, but not the 1 asked for that the strategy would hand out.',
      );
      assert.equal(await take(id, { exclude }), '2001:db8::');
    });
  });

  /** The upper half of what is below the start of a shorter block: together they leave only the very first address. */
  function blockAt(length: number): string {
    const value = 1n << BigInt(128 - length);
    const groups = [48n, 32n, 16n, 0n].map((shift) => ((value >> shift) & 0xffffn).toString(16));
    return `2001:db8:0:0:${groups.join(':')}`;
  }

  describe('sparse', () => {
    it('takes the middle of the largest gap, of equal gaps the lowest', async () => {
      const id = await make('10.0.0.0/28');
      // Usable are .1 to .14: their lower middle is .7.
      const wish = { strategy: 'sparse' };
      assert.equal(await take(id, wish), '10.0.0.7');
      assert.equal(await take(id, wish), '10.0.0.11');
      assert.equal(await take(id, wish), '10.0.0.3');
      assert.equal(await take(id, wish), '10.0.0.5');
      const other = await make('10.0.1.0/28');
      assert.equal(await take(other, { ...wish, count: 4 }), '10.0.1.7 10.0.1.11 10.0.1.3 10.0.1.5');
      assert.equal((await take(other, { ...wish, count: 10 })).split(' ').length, 10);
      assert.equal(code(await ask(other, wish)), '409 insufficient-space');
    });

    it('takes N in a row from the middle of the largest gap', async () => {
      const id = await make('10.0.0.0/24');
      await hold('10.0.0.100');
      // The largest gap is .101 to .254, 154 addresses.
      assert.equal(
        await take(id, { strategy: 'sparse', contiguous: true, count: 4 }),
        '10.0.0.176 10.0.0.177 10.0.0.178 10.0.0.179',
      );
    });

    it('of a /64 begins in its middle', async () => {
      const id = await make('2001:db8::/64');
      const got = [];
      for (let n = 0; n < 3; n += 1) got.push(await take(id, { strategy: 'sparse' }));
      assert.deepEqual(got, ['2001:db8:0:0:8000::', '2001:db8:0:0:4000::', '2001:db8:0:0:c000::']);
    });

    it('for subnets: the start, then the aligned middle of the largest free run', async () => {
      const id = await make('10.0.0.0/16');
      const wish = { prefixLength: 24, strategy: 'sparse' };
      assert.equal(await blocks(id, wish), '10.0.0.0/24');
      assert.equal(await blocks(id, wish), '10.0.128.0/24');
      assert.equal(await blocks(id, { ...wish, count: 2 }), '10.0.64.0/24 10.0.192.0/24');
      assert.equal(
        await blocks(id, { ...wish, count: 4 }),
        '10.0.32.0/24 10.0.96.0/24 10.0.160.0/24 10.0.224.0/24',
      );
      assert.equal((await blocks(id, { ...wish, count: 248 })).split(' ').length, 248);
      const full = await engineer().post(`/subnets/${id}/subnet-allocations`, wish);
      assert.deepEqual([code(full), full.body.free], ['409 insufficient-space', 0]);
    });

    it('for subnets passes over the largest run where that has no aligned room', async () => {
      const id = await make('10.0.0.0/24');
      await hold('10.0.0.64', '10.0.0.96', '10.0.0.191');
      // The largest free run, .97 to .190, holds one aligned /27; the /26 below .64 is the only one.
      assert.equal(await blocks(id, { prefixLength: 27, strategy: 'sparse' }), '10.0.0.128/27');
      assert.equal(await blocks(id, { prefixLength: 26, strategy: 'sparse' }), '10.0.0.0/26');
    });

    it('for subnets of IPv6', async () => {
      const id = await make('2001:db8::/32');
      assert.equal(
        await blocks(id, { prefixLength: 48, strategy: 'sparse', count: 3 }),
        '2001:db8::/48 2001:db8:8000::/48 2001:db8:4000::/48',
      );
    });
  });

  describe('random', () => {
    it('takes any that is usable and free, each once', async () => {
      const id = await make('10.0.0.0/26');
      await hold('10.0.0.5', '10.0.0.6');
      const got = new Set<string>();
      for (let n = 0; n < 10; n += 1)
        for (const address of (await take(id, { strategy: 'random', count: 6 })).split(' ')) got.add(address);
      assert.equal(got.size, 60);
      for (const never of ['10.0.0.0', '10.0.0.5', '10.0.0.6', '10.0.0.63']) assert.ok(!got.has(never));
      assert.equal(code(await ask(id, { strategy: 'random' })), '409 insufficient-space');
    });

    it('finds the few that are left of many', async () => {
      const id = await make('10.0.0.0/19');
      await register.db.query(`INSERT INTO address (vrf_id, address)
        SELECT 1, '10.0.0.0'::inet + n FROM generate_series(1, 8190) n WHERE n NOT IN (17, 4711, 8190)`);
      const got = await take(id, { strategy: 'random', count: 3 });
      assert.deepEqual(got.split(' ').sort(), ['10.0.0.17', '10.0.18.103', '10.0.31.254']);
    });

    it('spreads over an IPv6 /64', async () => {
      const id = await make('2001:db8::/64');
      const got = (await take(id, { strategy: 'random', count: 200 })).split(' ');
      assert.equal(new Set(got).size, 200);
      const halves = got.filter((address) => /^2001:db8::[89a-f][0-9a-f]{3}(:|$)/.test(address)).length;
      assert.ok(halves > 60 && halves < 140, `${halves} of 200 in the upper half`);
    });

    it('takes N in a row anywhere', async () => {
      const id = await make('10.0.0.0/24');
      const got = (await take(id, { strategy: 'random', count: 10, contiguous: true })).split(' ');
      const [first] = got.map((address) => Number(address.split('.')[3]));
      assert.deepEqual(
        got,
        Array.from({ length: 10 }, (_, n) => `10.0.0.${(first as number) + n}`),
      );
    });
  });

  describe('contiguous', () => {
    it('takes the lowest run that has room', async () => {
      const id = await make('10.0.0.0/24');
      await hold('10.0.0.3', '10.0.0.9');
      assert.equal(await take(id, { contiguous: true, count: 4 }), '10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7');
      assert.equal(await take(id, { contiguous: true, count: 2 }), '10.0.0.1 10.0.0.2');
      assert.equal(await take(id, { contiguous: true }), '10.0.0.8');
      assert.equal(await take(id, { contiguous: true, count: 2 }), '10.0.0.10 10.0.0.11');
    });

    for (const strategy of ['first', 'last', 'random', 'sparse']) {
      it(`says how long the longest run is where none has room (${strategy})`, async () => {
        const id = await make('10.0.0.0/28');
        await hold('10.0.0.6');
        const { status, body } = await ask(id, { contiguous: true, count: 9, strategy });
        assert.deepEqual([status, body.free, body.wanted, body.largestRun], [409, 13, 9, 8]);
        assert.equal(
          body.detail,
          '10.0.0.0/28 has 13 free addresses, but no 9 in a row: the longest run has 8.',
        );
      });
    }
  });

  describe('exclude', () => {
    const exclude = ['10.0.0.0/30', '10.0.0.8/29', '10.0.0.254/32', '2001:db8::/32'];
    it('leaves blocks out for any strategy', async () => {
      const id = await make('10.0.0.0/24');
      assert.equal(await take(id, { exclude, count: 5 }), '10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 10.0.0.16');
      assert.equal(await take(id, { exclude, strategy: 'last' }), '10.0.0.253');
      const rest = ['10.0.0.0/25', '10.0.0.128/26', '10.0.0.192/27', '10.0.0.224/28', '10.0.0.248/29'];
      assert.equal(await take(id, { exclude: rest, strategy: 'sparse' }), '10.0.0.243');
      assert.equal(await take(id, { exclude: rest, count: 2, contiguous: true }), '10.0.0.240 10.0.0.241');
      assert.match(await take(id, { exclude: rest, strategy: 'random' }), /^10\.0\.0\.24[0-7]$/);
    });

    it('is part of what is said to be free', async () => {
      const id = await make('10.0.0.0/28');
      const { status, body } = await ask(id, { exclude: ['10.0.0.0/29'], count: 8 });
      assert.deepEqual([status, body.free], [409, 7]);
      assert.equal(
        body.detail,
        '10.0.0.0/28 has 7 free addresses outside of what is excluded, and 8 were asked for.',
      );
      const none = await ask(id, { exclude: ['10.0.0.0/8'] });
      assert.deepEqual([code(none), none.body.free], ['409 insufficient-space', 0]);
      assert.equal((await ask(id, { exclude: ['0.0.0.0/0'], strategy: 'sparse' })).body.free, 0);
      assert.equal(await take(id, { exclude: [] }), '10.0.0.1');
    });

    it('says what is wrong with a block', async () => {
      const id = await make('10.0.0.0/24');
      assert.deepEqual(fault(await ask(id, { exclude: ['10.0.0.0/24', '10.0.0.5/24'] })), [
        422,
        'body.exclude.1',
        '"10.0.0.5/24" has host bits set; did you mean 10.0.0.0/24?',
      ]);
      assert.deepEqual(fault(await ask(id, { exclude: ['10.0.0.9'] })), [
        422,
        'body.exclude.0',
        '"10.0.0.9" has no prefix length, as in 10.0.0.9/32.',
      ]);
      assert.deepEqual(
        fault(await ask(id, { exclude: Array.from({ length: 101 }, () => '10.0.0.0/32') })).slice(0, 2),
        [422, 'body.exclude'],
      );
      assert.deepEqual(fault(await ask(id, { exclude: '10.0.0.0/32' })).slice(0, 2), [422, 'body.exclude']);
      assert.deepEqual(fault(await ask(id, { exclude: ['10.0.0.0/32'], address: '10.0.0.1' })), [
        422,
        'body.exclude',
        'Give address or exclude, not both',
      ]);
      assert.deepEqual(fault(await ask(id, { contiguous: 'yes' })).slice(0, 2), [422, 'body.contiguous']);
    });
  });

  describe('of a subnet', () => {
    it('is followed by who names none, and not by who does', async () => {
      const id = await make('10.0.0.0/24', { strategy: 'last', childStrategy: 'first' });
      assert.equal(await take(id), '10.0.0.254');
      assert.equal(await take(id, { count: 2 }), '10.0.0.253 10.0.0.252');
      assert.equal(await take(id, { strategy: 'first' }), '10.0.0.1');
      assert.equal(await take(id, { address: '10.0.0.77' }), '10.0.0.77');
      assert.equal(await take(id, { exclude: ['10.0.0.224/27'] }), '10.0.0.223');
      const { body } = await engineer().post(`/subnets/${id}/allocations?dryRun=true`, { count: 2 });
      assert.deepEqual(
        body.addresses.map(({ address }: { address: string }) => address),
        ['10.0.0.251', '10.0.0.250'],
      );
      assert.equal(await take(id), '10.0.0.251');
      await engineer().patch(`/subnets/${id}`, { strategy: null });
      assert.equal(await take(id), '10.0.0.2');
    });

    it('is followed among callers who come together with others that name one', async () => {
      const id = await make('10.0.0.0/24', { strategy: 'last' });
      const wishes = [
        {},
        { strategy: 'first' },
        { address: '10.0.0.9' },
        {},
        { count: 2, strategy: 'first' },
      ];
      const got = await Promise.all(wishes.map((wish) => take(id, wish)));
      assert.deepEqual([got[0], got[3]].sort(), ['10.0.0.253', '10.0.0.254']);
      assert.equal(got[2], '10.0.0.9');
      assert.deepEqual([got[1], got[4]].flatMap((each) => each?.split(' ')).sort(), [
        '10.0.0.1',
        '10.0.0.2',
        '10.0.0.3',
      ]);
    });

    it('goes for subnets too', async () => {
      const id = await make('10.0.0.0/16', { childStrategy: 'sparse', defaultChildPrefixLength: 24 });
      assert.equal(await blocks(id, { count: 2 }), '10.0.0.0/24 10.0.128.0/24');
      assert.equal(await blocks(id, { strategy: 'first' }), '10.0.1.0/24');
    });

    it('that no plugin brings any more is told, and does not stop who names another', async () => {
      const id = await make('10.0.0.0/24');
      await register.db.query(`UPDATE subnet SET strategy = 'gone', child_strategy = 'gone'`);
      const answer = await ask(id);
      assert.equal(code(answer), '409 strategy-unknown');
      assert.match(
        answer.body.detail,
        /^The policy of 10\.0\.0\.0\/24 cannot be followed: "gone" is no strategy for addresses; known are first, last, random, sparse, even,/,
      );
      assert.equal(
        code(await engineer().post(`/subnets/${id}/subnet-allocations`, { prefixLength: 28 })),
        '409 strategy-unknown',
      );
      assert.equal(await take(id, { strategy: 'first' }), '10.0.0.1');
      assert.equal(await take(id, { address: '10.0.0.9' }), '10.0.0.9');
    });

    it('is refused where it is not known', async () => {
      for (const [body, path, message] of [
        [
          { strategy: 'best-fit' },
          'body.strategy',
          /^"best-fit" is no strategy for addresses; known are first/,
        ],
        [
          { childStrategy: 'random' },
          'body.childStrategy',
          /^"random" is no strategy for subnets; known are first, best-fit, sparse, highest,/,
        ],
      ] as const) {
        const answer = await engineer().post('/subnets', { cidr: '10.0.0.0/24', ...body });
        const [status, at, said] = fault(answer);
        assert.deepEqual([status, at], [422, path]);
        assert.match(String(said), message);
      }
    });
  });

  it('that are not known are told, with those that are', async () => {
    const id = await make('10.0.0.0/24');
    const [status, path, message] = fault(await ask(id, { strategy: 'sideways' }));
    assert.deepEqual([status, path], [422, 'body.strategy']);
    assert.match(
      String(message),
      /^"sideways" is no strategy for addresses; known are first, last, random, sparse, even,/,
    );
    assert.equal(fault(await ask(id, [{}, { strategy: 'sideways' }] as never))[1], 'body.1.strategy');
    const subnetWish = { prefixLength: 28, strategy: 'last' };
    assert.match(
      String(fault(await engineer().post(`/subnets/${id}/subnet-allocations`, subnetWish))[2]),
      /^"last" is no strategy for subnets; known are first, best-fit, sparse,/,
    );
    assert.equal((await ask(id, { strategy: 7 })).status, 422);
  });

  it('of one list each pick what is left by those before, named addresses first', async () => {
    const id = await make('10.0.0.0/24');
    const { status, body } = await engineer().post(`/subnets/${id}/allocations`, [
      { strategy: 'last', hostname: 'a' },
      { hostname: 'b', count: 2 },
      { address: '10.0.0.254', hostname: 'c' },
      { strategy: 'last', count: 2, contiguous: true },
      { exclude: ['10.0.0.0/28'] },
    ]);
    assert.equal(status, 201, JSON.stringify(body));
    assert.deepEqual(
      body.addresses.map(({ address, hostname }: Record<string, string>) => `${address} ${hostname}`),
      [
        '10.0.0.253 a',
        '10.0.0.1 b',
        '10.0.0.2 b',
        '10.0.0.254 c',
        '10.0.0.251 null',
        '10.0.0.252 null',
        '10.0.0.16 null',
      ],
    );
  });

  it('of one list grant all or nothing, and say which could not be', async () => {
    const id = await make('10.0.0.0/29');
    await hold('10.0.0.3');
    const { status, body } = await engineer().post(`/subnets/${id}/allocations`, [
      { strategy: 'last' },
      { address: '10.0.0.3' },
      { count: 3, contiguous: true },
      { strategy: 'sparse', count: 9 },
      {},
    ]);
    assert.deepEqual([status, body.type], [409, 'urn:cadastre:error:address-taken']);
    assert.deepEqual(
      body.refused.map((each: Record<string, unknown>) => `${each.index} ${each.code} ${each.free ?? ''}`),
      ['1 address-taken ', '2 insufficient-space 4', '3 insufficient-space 4'],
    );
    assert.equal((await engineer().get('/addresses')).body.items.length, 1);
  });

  it('keep what is said of the addresses', async () => {
    const id = await make('10.0.0.0/24');
    const wish = { strategy: 'last', count: 2, hostname: 'h', status: 'reserved', tags: ['x'], ttl: 60 };
    const { body } = await ask(id, wish);
    const [one] = body.addresses;
    assert.deepEqual([one.hostname, one.status, one.tags], ['h', 'reserved', ['x']]);
    assert.deepEqual((await engineer().get(`/addresses/${one.id}`)).body, one);
  });

  it('see what has cooled down, and nothing that has not', async () => {
    const id = await make('10.0.0.0/29', { strategy: 'last', cooldownSeconds: 3600 });
    const { body } = await ask(id);
    await engineer().post(`/addresses/${body.addresses[0].id}/release`);
    assert.equal(await take(id), '10.0.0.5');
    await register.db.query(`WITH held AS (SELECT set_config('cadastre.space', 'held', true)),
      a AS (UPDATE address SET available_at = now() - interval '1 second' FROM held WHERE available_at IS NOT NULL),
      s AS (UPDATE free_span SET available_at = now() - interval '1 second' WHERE available_at IS NOT NULL)
      UPDATE subnet_usage SET next_due = now() - interval '1 second' WHERE next_due IS NOT NULL`);
    assert.equal(await take(id), '10.0.0.6');
  });

  it('of a plugin are used by name and by policy', async () => {
    const id = await make('10.0.0.0/24');
    assert.equal(await take(id, { strategy: 'even', count: 2 }), '10.0.0.2 10.0.0.4');
    assert.equal(await blocks(id, { strategy: 'highest', prefixLength: 28 }), '10.0.0.240/28');
    await engineer().patch(`/subnets/${id}`, { strategy: 'even', childStrategy: 'highest' });
    assert.equal(await take(id), '10.0.0.6');
    assert.equal(await blocks(id, { prefixLength: 28, count: 2 }), '10.0.0.224/28 10.0.0.208/28');
    assert.equal(await take(id, { strategy: 'first' }), '10.0.0.1', 'a name stays with who had it first');
  });

  it('of a plugin that break their word take nothing', async () => {
    const id = await make('10.0.0.0/24');
    await hold('10.0.0.1', '10.0.0.200');
    assert.equal(code(await ask(id, { strategy: 'outside' })), '500 internal');
    assert.equal(code(await ask(id, { strategy: 'taken' })), '500 internal');
    assert.equal(code(await ask(id, { strategy: 'taken', count: 2 })), '500 internal');
    assert.equal(code(await ask(id, { strategy: 'even', count: 2, contiguous: true })), '500 internal');
    for (const strategy of ['crooked', 'start']) {
      const answer = await engineer().post(`/subnets/${id}/subnet-allocations`, {
        prefixLength: 26,
        strategy,
      });
      assert.equal(code(answer), '500 internal');
    }
    assert.equal((await engineer().get('/addresses')).body.items.length, 2);
  });
});
