import assert from 'node:assert/strict';
import { type Desk, openDesk } from './testing/desk.ts';
import { around, bitsOf, blockOf, blockText } from './testing/ip.ts';

const full = '409 insufficient-space';

describe('the address space', () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk.register.stop());
  afterEach(() => desk.clear());

  const get = async (path: string) => {
    const { status, body } = await desk.engineer().get(path);
    assert.equal(status, 200, `${path} ${JSON.stringify(body)}`);
    return body;
  };

  describe('cases that must hold', () => {
    it('empty 10.0.0.0/24, allocate ×3: .1 .2 .3', async () => {
      const id = await desk.make('10.0.0.0/24');
      for (const host of [1, 2, 3]) assert.equal(await desk.take(id), `10.0.0.${host}`);
    });

    it('.1 .2 .3 assigned, .2 released, allocate ×2: .2 then .4', async () => {
      const id = await desk.make('10.0.0.0/24');
      await desk.take(id, { count: 3 });
      await desk.release('10.0.0.2');
      assert.equal(await desk.take(id), '10.0.0.2');
      assert.equal(await desk.take(id), '10.0.0.4');
    });

    it('empty /24, .1 asked for by name, then released, allocate: .1', async () => {
      const id = await desk.make('10.0.0.0/24');
      assert.equal(await desk.take(id, { address: '10.0.0.1' }), '10.0.0.1');
      await desk.release('10.0.0.1');
      assert.equal(await desk.take(id), '10.0.0.1');
    });

    it('/24 full but for a child /25 just deleted, allocate: the first address of that /25', async () => {
      const id = await desk.make('10.0.0.0/24');
      const child = await desk.make('10.0.0.128/25');
      await desk.take(id, { count: 127 });
      assert.equal(await desk.take(id), full);
      await desk.engineer().delete(`/subnets/${child}`);
      assert.equal(await desk.take(id), '10.0.0.128');
    });

    it('.5 released with a cooldown of 1 h, allocate until full: never .5; after the hour, .5', async () => {
      const id = await desk.make('10.0.0.0/28', { cooldownSeconds: 3600 });
      await desk.take(id, { count: 5 });
      await desk.release('10.0.0.5');
      for (let host = 6; host <= 14; host += 1) assert.equal(await desk.take(id), `10.0.0.${host}`);
      assert.equal(await desk.take(id), full);
      await desk.letCoolDown();
      assert.equal(await desk.take(id), '10.0.0.5');
    });

    for (const [cidr, ...handed] of [
      ['10.0.0.0/30', '10.0.0.1', '10.0.0.2'],
      ['10.0.0.0/31', '10.0.0.0', '10.0.0.1'],
    ] as const) {
      it(`${cidr}, allocate ×3: ${handed.join(', ')}, then 409`, async () => {
        const id = await desk.make(cidr);
        for (const address of handed) assert.equal(await desk.take(id), address);
        assert.equal(await desk.take(id), full);
      });
    }

    it('10.0.0.0/29 with child 10.0.0.0/30, allocate from the /29: .4, .5, .6, then 409', async () => {
      const id = await desk.make('10.0.0.0/29', '10.0.0.0/30');
      for (const host of [4, 5, 6]) assert.equal(await desk.take(id), `10.0.0.${host}`);
      assert.equal(await desk.take(id), full);
    });

    it('2001:db8::/64, allocate: 2001:db8::1', async () => {
      assert.equal(await desk.take(await desk.make('2001:db8::/64')), '2001:db8::1');
    });

    it('2001:db8::/64, ::1 to ::ffff assigned, allocate: 2001:db8::1:0', async () => {
      const id = await desk.make('2001:db8::/64');
      await desk.register.db.query(
        `INSERT INTO address (vrf_id, address) SELECT 1, '2001:db8::'::inet + n FROM generate_series(1, 65535) n`,
      );
      assert.equal(await desk.take(id), '2001:db8::1:0');
    });

    for (const [prefixLength, block] of [
      [24, '10.0.1.0/24'],
      [23, '10.0.4.0/23'],
    ] as const) {
      it(`10.0.0.0/8 with 10.0.0.0/24 and 10.0.2.0/24, next /${prefixLength}, strategy first: ${block}`, async () => {
        const id = await desk.make('10.0.0.0/8', '10.0.0.0/24', '10.0.2.0/24');
        assert.equal(await desk.blocks(id, { prefixLength, strategy: 'first' }), block);
      });
    }

    it('10.0.0.0/24 holding 10.0.0.9, create 10.0.0.8/29: .9 moves into it; deleting it moves it back', async () => {
      const outer = await desk.make('10.0.0.0/24');
      const nine = await desk.hold('10.0.0.9');
      const home = async () => (await get(`/addresses/${nine}`)).subnetId;
      const inner = await desk.make('10.0.0.8/29');
      assert.equal(await home(), inner);
      await desk.engineer().delete(`/subnets/${inner}?cascade=rehome`);
      assert.equal(await home(), outer);
    });

    it('two VRFs, 10.0.0.0/24 and 10.0.0.1 in both: fine; a look-up of 10.0.0.1 without a VRF answers both', async () => {
      await desk.engineer().post('/vrfs', { name: 'two' });
      for (const vrf of ['global', 'two']) {
        await desk.make('10.0.0.0/24', { vrf });
        await desk.hold('10.0.0.1', { vrf });
      }
      const { items } = await get('/lookup/10.0.0.1');
      const found = items.map(
        (each: { vrf: { name: string }; address: { address: string }; subnet: { cidr: string } }) =>
          `${each.vrf.name} ${each.address.address} ${each.subnet.cidr}`,
      );
      assert.deepEqual(found, ['global 10.0.0.1 10.0.0.0/24', 'two 10.0.0.1 10.0.0.0/24']);
    });

    it('10.0.0.1 quarantined, allocate: 10.0.0.2', async () => {
      const id = await desk.make('10.0.0.0/24');
      await desk.hold('10.0.0.1', { status: 'quarantined' });
      assert.equal(await desk.take(id), '10.0.0.2');
    });

    it('10.0.0.0/16 holding 0.0/20, 32.0/20, 128.0/18, free-subnets: 16.0/20, 48.0/20, 64.0/18, 192.0/18', async () => {
      const id = await desk.make('10.0.0.0/16', '10.0.0.0/20', '10.0.32.0/20', '10.0.128.0/18');
      const { items } = await get(`/subnets/${id}/free-subnets`);
      assert.deepEqual(items, ['10.0.16.0/20', '10.0.48.0/20', '10.0.64.0/18', '10.0.192.0/18']);
    });

    it('container /24 with two /26, utilisation: 50 %', async () => {
      const id = await desk.make('10.0.0.0/24', { status: 'container' }, '10.0.0.0/26', '10.0.0.128/26');
      const { total, used, percent } = await desk.utilization(id);
      assert.deepEqual([total, used, percent], [256, 128, 50]);
    });

    it('/24 with a counted range of 10, two hosts inside it and two outside, utilisation: 12 of 254', async () => {
      const id = await desk.make('10.0.0.0/24');
      await desk.engineer().post('/ranges', { start: '10.0.0.10', end: '10.0.0.19', purpose: 'dhcp' });
      for (const host of [11, 12, 100, 101]) await desk.hold(`10.0.0.${host}`);
      const { total, used, percent } = await desk.utilization(id);
      assert.deepEqual([total, used, percent], [254, 12, 4.72]);
    });

    it('64 parallel callers of 10.0.0.0/26, one each: 62 distinct addresses, two 409', async () => {
      const id = await desk.make('10.0.0.0/26');
      const answers = await Promise.all(Array.from({ length: 64 }, () => desk.take(id)));
      assert.equal(answers.filter((each) => each === full).length, 2);
      const handed = new Set(answers.filter((each) => each !== full));
      assert.deepEqual(handed, new Set(Array.from({ length: 62 }, (_, n) => `10.0.0.${n + 1}`)));
    });
  });

  describe('what is usable', () => {
    type Usable = [cidr: string, total: number | string, lowest: string, highest: string, edges?: 'edges'];
    const usable: Usable[] = [
      ['0.0.0.0/0', 2 ** 32 - 2, '0.0.0.1', '255.255.255.254'],
      ['10.0.0.0/8', 2 ** 24 - 2, '10.0.0.1', '10.255.255.254'],
      ['10.0.0.0/24', 254, '10.0.0.1', '10.0.0.254'],
      ['10.0.0.4/30', 2, '10.0.0.5', '10.0.0.6'],
      ['0.0.0.0/0', 2 ** 32, '0.0.0.0', '255.255.255.255', 'edges'],
      ['10.0.0.0/24', 256, '10.0.0.0', '10.0.0.255', 'edges'],
      ['10.0.0.4/30', 4, '10.0.0.4', '10.0.0.7', 'edges'],
      ['10.0.0.4/31', 2, '10.0.0.4', '10.0.0.5'],
      ['10.0.0.4/32', 1, '10.0.0.4', '10.0.0.4'],
      ['2001:db8::4/128', 1, '2001:db8::4', '2001:db8::4'],
      ['2001:db8::/48', '1208925819614629174706175', '2001:db8::1', '2001:db8:0:ffff:ffff:ffff:ffff:ffff'],
      ['2001:db8::/64', '18446744073709551615', '2001:db8::1', '2001:db8::ffff:ffff:ffff:ffff'],
      ['2001:db8::4/126', 3, '2001:db8::5', '2001:db8::7'],
      ['::/0', `${2n ** 128n}`, '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'edges'],
      ['2001:db8::4/126', 4, '2001:db8::4', '2001:db8::7', 'edges'],
      ['2001:db8::4/127', 2, '2001:db8::4', '2001:db8::5'],
    ];
    for (const [cidr, total, lowest, highest, edges] of usable) {
      it(`${cidr}${edges ? ' with allowNetworkAndBroadcast' : ''}: ${total}, ${lowest} to ${highest}`, async () => {
        const id = await desk.make(cidr, { allowNetworkAndBroadcast: edges !== undefined });
        assert.equal((await desk.utilization(id)).total, total);
        assert.equal(await desk.take(id, { strategy: 'first' }, '?dryRun=true'), lowest);
        assert.equal(await desk.take(id, { strategy: 'last' }, '?dryRun=true'), highest);
        if (Number(total) > 4) return;
        assert.equal((await desk.take(id, { count: total })).split(' ').length, total);
        assert.equal(await desk.take(id), full);
      });
    }

    for (const [cidr, ...edges] of [
      ['10.0.0.0/24', '10.0.0.0', '10.0.0.255'],
      ['2001:db8::/64', '2001:db8::'],
    ] as const) {
      it(`${edges.join(' and ')} of ${cidr} are not given by name either`, async () => {
        const id = await desk.make(cidr);
        for (const address of edges) assert.equal(await desk.take(id, { address }), '422 address-not-usable');
      });
    }

    for (const [interfaceIds, block] of [
      ['RFC 5453 (IANA’s Ethernet block)', '2001:db8::200:5eff:fe00:0/112'],
      ['RFC 2526 (subnet anycast)', '2001:db8::fdff:ffff:ffff:ff80/121'],
    ] as const) {
      it(`in an IPv6 /64, last and random leave out the interface identifiers of ${interfaceIds}`, async () => {
        const id = await desk.make('2001:db8::/64');
        const exclude = allBut(block, 64);
        for (const strategy of ['last', 'random'])
          assert.equal(await desk.take(id, { strategy, exclude }), full);
        assert.equal(await desk.take(id, { strategy: 'first', exclude }), block.split('/')[0]);
      });
    }

    const without = (...hosts: number[]) => [1, 2, 3, 4, 5, 6].filter((host) => !hosts.includes(host));
    const held: [what: string, left: number[], arrange: (id: number) => Promise<unknown>][] = [
      ['addresses covered by a child subnet', without(4, 5, 6), () => desk.make('10.0.0.4/30')],
      [
        'addresses covered by a range that is not allocatable',
        without(2, 3),
        () => desk.engineer().post('/ranges', { start: '10.0.0.2', end: '10.0.0.3', purpose: 'reserved' }),
      ],
      ...['assigned', 'reserved', 'quarantined', 'deprecated'].map((status): (typeof held)[number] => [
        `an address that is ${status}`,
        without(3),
        () => desk.hold('10.0.0.3', { status }),
      ]),
      [
        'an address that is still cooling down',
        without(1),
        async (id) => {
          await desk.engineer().patch(`/subnets/${id}`, { cooldownSeconds: 3600 });
          await desk.take(id);
          await desk.release('10.0.0.1');
        },
      ],
      ['the gateway', without(1), (id) => desk.engineer().patch(`/subnets/${id}`, { gateway: '10.0.0.1' })],
    ];
    for (const [what, left, arrange] of held) {
      it(`never handed out, by any strategy: ${what}`, async () => {
        const id = await desk.make('10.0.0.0/29');
        await arrange(id);
        for (const strategy of ['first', 'last', 'random', 'sparse']) {
          const all = await desk.take(id, { strategy, count: left.length }, '?dryRun=true');
          assert.deepEqual(
            all.split(' ').sort(),
            left.map((host) => `10.0.0.${host}`),
            strategy,
          );
          assert.equal(await desk.take(id, { strategy, count: left.length + 1 }), full);
        }
      });
    }
  });

  describe('utilisation', () => {
    type Usage = Record<'total' | 'used' | 'reserved' | 'quarantined' | 'free', number | string> & {
      percent: number;
    };
    type Item = { cidr: string; utilization: Usage; children?: Item[] };
    const shape = ['total', 'used', 'reserved', 'quarantined', 'free', 'percent'];
    /** A container of 50 %, a subnet of 100 %, one of 0.79 % and an IPv6 one of next to nothing. */
    async function fill() {
      const top = await desk.make('10.0.0.0/24', { status: 'container' });
      const low = await desk.make('10.0.0.0/30', '10.0.0.128/25');
      await desk.take(low, { count: 2, status: 'reserved' });
      await desk.hold('10.0.0.129', { status: 'quarantined' });
      const six = await desk.make('2001:db8::/64');
      await desk.hold('2001:db8::1');
      return { top, low, six };
    }

    it('is { total, used, reserved, quarantined, free, percent } on every subnet, in every list', async () => {
      const { top, low } = await fill();
      const found: Item[] = [
        await get(`/subnets/${low}`),
        ...(await get('/subnets')).items,
        ...(await get(`/subnets/${top}/children`)).items,
        ...(await get(`/subnets/${low}/ancestors`)).items,
        ...(await get('/lookup/10.0.0.1')).items.map(({ subnet }: { subnet: Item }) => subnet),
        ...(await get('/subnets/tree?depth=2')).items.flatMap((node: Item) => [
          node,
          ...(node.children ?? []),
        ]),
      ];
      assert.equal(found.length, 13);
      const usage = new Map<string, Usage>();
      for (const { cidr, utilization } of found) {
        assert.deepEqual(Object.keys(utilization), shape, cidr);
        assert.deepEqual(utilization, usage.get(cidr) ?? utilization, `${cidr} is told alike everywhere`);
        usage.set(cidr, utilization);
      }
      assert.deepEqual(Object.values(usage.get('10.0.0.0/24') ?? {}), [256, 132, 0, 0, 124, 51.56]);
      assert.deepEqual(Object.values(usage.get('10.0.0.0/30') ?? {}), [2, 2, 2, 0, 0, 100]);
      assert.deepEqual(Object.values(usage.get('10.0.0.128/25') ?? {}), [126, 1, 0, 1, 125, 0.79]);
    });

    it('is what subnets are sorted and filtered by, in the list and below a subnet', async () => {
      const { top } = await fill();
      const found = async (path: string) => (await get(path)).items.map(({ cidr }: Item) => cidr).join(' ');
      const fullest = '10.0.0.0/30 10.0.0.0/24 10.0.0.128/25 2001:db8::/64';
      assert.equal(await found('/subnets?sort=-utilization'), fullest);
      assert.equal(await found('/subnets?sort=utilization'), fullest.split(' ').reverse().join(' '));
      assert.equal(await found('/subnets?utilization__gte=51.56'), '10.0.0.0/24 10.0.0.0/30');
      assert.equal(await found('/subnets?utilization__lte=0.79'), '10.0.0.128/25 2001:db8::/64');
      assert.equal(await found('/subnets?utilization=100'), '10.0.0.0/30');
      assert.equal(await found(`/subnets?q=${encodeURIComponent('utilization > 51.56')}`), '10.0.0.0/30');
      assert.equal(await found(`/subnets/${top}/children?sort=utilization`), '10.0.0.128/25 10.0.0.0/30');
      assert.equal(await found(`/subnets/${top}/children?utilization__gte=1`), '10.0.0.0/30');
    });

    it('tells counts over 2^53 as strings, and those up to it as numbers', async () => {
      const { six } = await fill();
      assert.deepEqual(await desk.utilization(six), {
        total: '18446744073709551615',
        used: 1,
        reserved: 0,
        quarantined: 0,
        free: '18446744073709551614',
        percent: 0,
      });
      const { total } = await desk.utilization(
        await desk.make('2001:db8:1::/75', { allowNetworkAndBroadcast: true }),
      );
      assert.equal(total, `${2 ** 53}`);
      assert.equal((await desk.utilization(await desk.make('2001:db8:2::/75'))).total, 2 ** 53 - 1);
    });

    it('of a container counts its whole space: what children cover, plus its own addresses', async () => {
      const id = await desk.make('10.0.0.0/24', { status: 'container' }, '10.0.0.0/26');
      await desk.hold('10.0.0.1');
      await desk.hold('10.0.0.200');
      const { total, used, free } = await desk.utilization(id);
      assert.deepEqual([total, used, free], [256, 65, 191]);
    });

    for (const status of ['active', 'reserved', 'deprecated']) {
      it(`of a subnet that is ${status} counts usable addresses: rows that are not free, counted ranges, children, each once`, async () => {
        const id = await desk.make('10.0.0.0/24', { status }, '10.0.0.0/26');
        await desk.engineer().post('/ranges', { start: '10.0.0.100', end: '10.0.0.109', purpose: 'dhcp' });
        await desk
          .engineer()
          .post('/ranges', { start: '10.0.0.120', end: '10.0.0.129', purpose: 'reserved' });
        for (const host of [1, 100, 121, 200, 201]) await desk.hold(`10.0.0.${host}`);
        await desk.release('10.0.0.201');
        const { total, used, free } = await desk.utilization(id);
        // The network address lies in the child: 63 usable ones there, 10 of the counted range, .121 and .200.
        assert.deepEqual([total, used, free], [254, 63 + 10 + 2, 254 - 75]);
      });
    }

    it('rolls up all below a subnet, with asOf, once the job has run', async () => {
      const { top } = await fill();
      await desk.register.runJob('subnets.rollup');
      const { rollup } = await get(`/subnets/${top}`);
      assert.deepEqual(Object.keys(rollup), [...shape, 'asOf']);
      assert.deepEqual(Object.values(rollup).slice(0, -1), [256, 3, 2, 1, 253, 1.17]);
      assert.ok(Math.abs(Date.parse(rollup.asOf) - Date.now()) < 60_000);
    });
  });
});

/** The blocks that together are all of what surrounds a block at a length, but the block itself. */
function allBut(block: string, length: number): string[] {
  const { family, first, length: own } = blockOf(block);
  return Array.from({ length: own - length }, (_, n) => {
    const part = length + n + 1;
    const bit = 1n << BigInt(bitsOf(family) - part);
    return blockText(around({ family, value: first ^ bit }, part));
  });
}
