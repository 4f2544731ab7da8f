import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

interface Node {
  id: number;
  cidr: string;
  childCount: number;
  children?: Node[];
  childrenCursor?: string | null;
}

describe('the tree of subnets', () => {
  let register: TestRegister;
  const ids = new Map<string, number>();
  before(async () => {
    register = await startTestRegister([subnets]);
    await register.db.query(`INSERT INTO vrf (name) VALUES ('blue')`);
    await register.db.query(`INSERT INTO subnet (vrf_id, cidr)
      SELECT 1, c::cidr FROM unnest(ARRAY['10.0.0.0/8', '10.0.0.0/16', '10.0.0.0/24', '10.0.0.0/26', '10.0.0.0/28', '172.16.0.0/12', '2001:db8::/32']) c
      UNION ALL SELECT 1, set_masklen('10.1.0.0'::inet + 256 * n, 24)::cidr FROM generate_series(0, 149) n
      UNION ALL SELECT 1, '10.1.0.0/16' UNION ALL SELECT id, '10.0.0.0/16' FROM vrf WHERE name = 'blue'`);
    await register.db.query(`INSERT INTO address (vrf_id, address) VALUES (1, '10.0.0.5')`);
    for (const { id, cidr, vrf } of await register.db.query<{ id: number; cidr: string; vrf: number }>(
      'SELECT id, cidr, vrf_id AS vrf FROM subnet',
    )) {
      ids.set(vrf === 1 ? cidr : `blue ${cidr}`, id);
    }
  });
  after(() => register.stop());

  const get = (path: string) => register.as('viewer').get(path);
  const tree = async (query: string): Promise<Node[]> => {
    const { status, body } = await get(`/subnets/tree?${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.items;
  };

  it('begins at the top, of every VRF or of one', async () => {
    const top = await tree('');
    assert.deepEqual(
      top.map(({ cidr }) => cidr),
      ['10.0.0.0/8', '10.0.0.0/16', '172.16.0.0/12', '2001:db8::/32'],
    );
    assert.deepEqual(
      top.map(({ childCount }) => childCount),
      [2, 0, 0, 0],
    );
    assert.ok(top.every((node) => !('children' in node)));
    assert.deepEqual(
      (await tree('vrf=blue')).map(({ id }) => id),
      [ids.get('blue 10.0.0.0/16')],
    );
    const [row] = await register.db.query<{ id: number }>(`SELECT id FROM vrf WHERE name = 'blue'`);
    assert.equal((await tree(`vrf=${row?.id}`)).length, 1);
  });

  it('unfolds as deep as asked, a hundred children each, and says where the rest is', async () => {
    const [two] = await tree('depth=2&limit=1');
    assert.deepEqual(
      two?.children?.map(({ cidr, children }) => [cidr, children]),
      [
        ['10.0.0.0/16', undefined],
        ['10.1.0.0/16', undefined],
      ],
    );
    const [three] = await tree('depth=3&vrf=global');
    const [first, second] = three?.children ?? [];
    assert.deepEqual([first?.children?.length, first?.childrenCursor], [1, null]);
    assert.deepEqual([second?.children?.length, second?.childCount], [100, 150]);
    const rest = await get(`/subnets/${second?.id}/children?cursor=${second?.childrenCursor}&limit=100`);
    assert.equal(rest.body.nextCursor, null);
    const walked = [...(second?.children ?? []), ...rest.body.items].map(({ cidr }) => cidr);
    assert.deepEqual(
      walked,
      Array.from({ length: 150 }, (_, n) => `10.1.${n}.0/24`),
    );
  });

  it('can begin at a subnet, and be walked by pages', async () => {
    assert.deepEqual(
      (await tree(`root=${ids.get('10.0.0.0/8')}`)).map(({ cidr }) => cidr),
      ['10.0.0.0/16', '10.1.0.0/16'],
    );
    const walked: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await get(`/subnets/tree?root=${ids.get('10.1.0.0/16')}&limit=40${cursor}`);
      walked.push(...body.items.map(({ cidr }: Node) => cidr));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    assert.equal(new Set(walked).size, 150);
  });

  it('is told upwards too, the top first', async () => {
    const { body } = await get(`/subnets/${ids.get('10.0.0.0/28')}/ancestors`);
    assert.deepEqual(
      body.items.map(({ cidr }: Node) => cidr),
      ['10.0.0.0/8', '10.0.0.0/16', '10.0.0.0/24', '10.0.0.0/26'],
    );
    assert.deepEqual((await get(`/subnets/${ids.get('10.0.0.0/8')}/ancestors`)).body.items, []);
  });

  it('is asked within bounds', async () => {
    for (const [path, status] of [
      ['tree?depth=0', 422],
      ['tree?depth=4', 422],
      ['tree?depth=', 422],
      ['tree?root=x', 422],
      ['tree?root=999999', 404],
      ['tree?vrf=nobody', 422],
      ['tree?deep=1', 422],
      ['999999/children', 404],
      ['999999/ancestors', 404],
      ['tree?cursor=x', 422],
      ['tree?limit=0x10', 422],
    ] as const) {
      assert.equal((await get(`/subnets/${path}`)).status, status, path);
    }
  });

  describe('answers look-ups', () => {
    const lookup = async (path: string) => {
      const { status, body } = await get(`/lookup/${path}`);
      assert.equal(status, 200, JSON.stringify(body));
      return body.items.map(
        (each: {
          vrf: { name: string };
          address: { address: string } | null;
          subnet: Node;
          ancestors: Node[];
          vlan: null;
          device: null;
        }) => {
          assert.deepEqual([each.vlan, each.device], [null, null]);
          return [
            each.vrf.name,
            each.address?.address ?? null,
            each.subnet.cidr,
            each.ancestors.map(({ cidr }) => cidr).join(' '),
          ].join(' | ');
        },
      );
    };

    it('with the longest match of each VRF, the address and what is above', async () => {
      assert.deepEqual(await lookup('10.0.0.5'), [
        'global | 10.0.0.5 | 10.0.0.0/28 | 10.0.0.0/8 10.0.0.0/16 10.0.0.0/24 10.0.0.0/26',
        'blue |  | 10.0.0.0/16 | ',
      ]);
      assert.deepEqual(await lookup('10.0.0.5?vrf=blue'), ['blue |  | 10.0.0.0/16 | ']);
      assert.deepEqual(await lookup('10.255.255.255'), ['global |  | 10.0.0.0/8 | ']);
      assert.deepEqual(await lookup('2001:DB8:0::1'), ['global |  | 2001:db8::/32 | ']);
      for (const outside of [
        '9.255.255.255',
        '11.0.0.0',
        '::1',
        '0.0.0.0',
        '255.255.255.255',
        '2001:db9::',
      ]) {
        assert.deepEqual(await lookup(outside), []);
      }
    });

    it('of a block, its slash escaped or not', async () => {
      const wanted = ['global |  | 10.0.0.0/24 | 10.0.0.0/8 10.0.0.0/16', 'blue |  | 10.0.0.0/16 | '];
      assert.deepEqual(await lookup('10.0.0.0/25'), wanted);
      assert.deepEqual(await lookup('10.0.0.0%2F25'), wanted);
      assert.deepEqual(await lookup('10.0.0.0/24?vrf=global'), [wanted[0]]);
      assert.deepEqual(await lookup('10.0.0.0/7'), []);
      assert.deepEqual(await lookup('0.0.0.0/0'), []);
    });

    it('and refuses nonsense', async () => {
      for (const path of [
        'nonsense',
        '10.0.0.5/24',
        '10.0.0.5%2F24',
        '10.0.0.0/33',
        '010.0.0.1',
        '10.1',
        '::ffff:10.0.0.1',
        'fe80::1%25eth0',
        '10.0.0.5?vrf=nobody',
        '10.0.0.5?vr=blue',
        '10.0.0.0/x',
      ]) {
        const { status, body } = await get(`/lookup/${path}`);
        assert.deepEqual([status, body.type], [422, 'urn:cadastre:error:invalid'], path);
        assert.ok(body.errors.length > 0);
      }
    });
  });
});
