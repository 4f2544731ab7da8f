import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';
import { assertExact } from './testing/space-state.ts';

type Answered = { status: number; body: { type: string } };
const code = ({ status, body }: Answered) => `${status} ${body.type.split(':').at(-1)}`;

describe('pools', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets, allocation]);
  });
  after(() => register.stop());
  afterEach(async () => {
    await assertExact(register.db.query);
    await register.db.query('DELETE FROM pool');
    await register.db.query('DELETE FROM address');
    await register.db.query('DELETE FROM subnet');
    await register.db.query(`DELETE FROM vrf WHERE name <> 'global'`);
  });

  const engineer = () => register.as('engineer');
  const subnet = async (cidr: string, more: object = {}): Promise<number> => {
    const { status, body } = await engineer().post('/subnets', { cidr, ...more });
    assert.equal(status, 201, JSON.stringify(body));
    return body.id;
  };
  const pool = async (members: number[], more: object = {}) => {
    const answer = await engineer().post('/pools', { name: 'servers', members, ...more });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const ask = (id: number, wish: object = {}) => engineer().post(`/pools/${id}/allocations`, wish);
  const take = async (id: number, wish: object = {}): Promise<string> => {
    const { status, body } = await ask(id, wish);
    assert.equal(status, 201, JSON.stringify(body));
    return body.addresses.map(({ address }: { address: string }) => address).join(' ');
  };
  const askBlocks = (id: number, wish: object = {}) =>
    engineer().post(`/pools/${id}/subnet-allocations`, wish);
  const blocks = async (id: number, wish: object = {}): Promise<string> => {
    const { status, body } = await askBlocks(id, wish);
    assert.equal(status, 201, JSON.stringify(body));
    return body.subnets.map(({ cidr }: { cidr: string }) => cidr).join(' ');
  };
  const fault = ({
    status,
    body,
  }: {
    status: number;
    body: { errors?: { path: string; message: string }[] };
  }) => [status, body.errors?.[0]?.path, body.errors?.[0]?.message];

  it('are made, listed, changed by who knows the current version, and deleted', async () => {
    const [a, b] = [await subnet('10.0.0.0/24'), await subnet('10.0.1.0/24')];
    const made = await engineer().post('/pools', {
      name: ' servers ',
      members: [b, a],
      strategy: 'sparse',
      defaultPrefixLength: 28,
      description: 'd',
      tags: ['x'],
      metadata: { y: 1 },
    });
    const { id, createdAt, updatedAt, ...rest } = made.body;
    assert.deepEqual(
      [made.status, made.headers.etag, made.headers.location],
      [201, '"1"', `/api/v1/pools/${id}`],
    );
    assert.equal(createdAt, updatedAt);
    assert.deepEqual(rest, {
      name: 'servers',
      members: [b, a],
      strategy: 'sparse',
      defaultPrefixLength: 28,
      description: 'd',
      tags: ['x'],
      metadata: { y: 1 },
      customFields: {},
      version: 1,
      createdBy: 'user:0',
      updatedBy: 'user:0',
    });
    assert.deepEqual((await engineer().get(`/pools/${id}`)).body, made.body);
    const change = (body: object, version = '"1"') =>
      engineer().patch(`/pools/${id}`, body, { 'If-Match': version });
    const changed = await change({ members: [a], strategy: null });
    assert.deepEqual(
      [changed.status, changed.headers.etag, changed.body.members, changed.body.strategy],
      [200, '"2"', [a], null],
    );
    assert.equal(code(await change({ members: [b] })), '412 version-mismatch');
    assert.deepEqual((await change({}, '"2"')).body, changed.body);
    const dry = await engineer().patch(`/pools/${id}?dryRun=true`, { name: 'other' });
    assert.deepEqual([dry.status, dry.body.name], [200, 'other']);
    assert.equal((await engineer().post('/pools?dryRun=true', { name: 'dry', members: [a] })).status, 200);
    assert.equal((await engineer().delete(`/pools/${id}?dryRun=true`)).status, 204);
    assert.deepEqual((await engineer().get('/pools')).body.items, [changed.body]);
    const late = await engineer().delete(`/pools/${id}`, undefined, { 'If-Match': '"1"' });
    assert.equal(code(late), '412 version-mismatch');
    assert.equal((await engineer().delete(`/pools/${id}`)).status, 204);
    for (const answer of [
      await engineer().get(`/pools/${id}`),
      await engineer().patch(`/pools/${id}`, {}),
      await engineer().delete(`/pools/${id}`),
      await ask(id),
      await askBlocks(id, { prefixLength: 28 }),
    ])
      assert.equal(code(answer), '404 not-found');
  });

  it('are found by name, strategy, label and member', async () => {
    const [a, b] = [await subnet('10.0.0.0/24'), await subnet('10.0.1.0/24')];
    await pool([a, b], { name: 'one', strategy: 'last', tags: ['x'] });
    await pool([b], { name: 'two', defaultPrefixLength: 28 });
    const found = async (query: string) =>
      (await engineer().get(`/pools?${query}`)).body.items.map(({ name }: { name: string }) => name).join();
    for (const [query, names] of [
      ['', 'one,two'],
      ['sort=-name', 'two,one'],
      ['name=two', 'two'],
      ['name__contains=N', 'one'],
      ['strategy=last', 'one'],
      ['strategy__empty=true', 'two'],
      ['tag=x', 'one'],
      ['defaultPrefixLength=28', 'two'],
      [`member=${a}`, 'one'],
      [`member=${b}`, 'one,two'],
      [`member=${a}&member=${b}`, 'one,two'],
      ['member=999999', ''],
    ] as const)
      assert.equal(await found(query), names, query);
    const page = (await engineer().get('/pools?limit=1&count=exact')).body;
    assert.deepEqual([page.total, page.items.length], [2, 1]);
    assert.equal(await found(`cursor=${page.nextCursor}`), 'two');
    assert.deepEqual(fault(await engineer().get('/pools?member=x')), [
      422,
      'query.member',
      'An id is a positive integer',
    ]);
  });

  it('say what is wrong with a body', async () => {
    const a = await subnet('10.0.0.0/24');
    const good = { name: 'servers', members: [a] };
    for (const [body, path, message] of [
      [{ ...good, name: '' }, 'name', 'It has to have at least 1 character.'],
      [{ members: [a] }, 'name', 'It is missing (text).'],
      [{ name: 'x' }, 'members', 'It is missing (a list).'],
      [{ ...good, members: [] }, 'members', 'It has to have at least 1 item.'],
      [{ ...good, members: [a, a] }, 'members', 'A subnet is named twice'],
      [{ ...good, members: [a, 999_999] }, 'members.1', 'There is no subnet 999999.'],
      [{ ...good, members: [-1] }, 'members.0', 'It has to be more than 0.'],
      [{ ...good, members: ['10.0.0.0/24'] }, 'members.0', 'It has to be a number, not text.'],
      [
        { ...good, strategy: 'sideways' },
        'strategy',
        '"sideways" is no strategy; known are first, last, random, sparse, best-fit.',
      ],
      [{ ...good, defaultPrefixLength: 0 }, 'defaultPrefixLength', 'It has to be at least 1.'],
      [{ ...good, defaultPrefixLength: 129 }, 'defaultPrefixLength', 'It has to be at most 128.'],
      [{ ...good, member: [a] }, 'member', '"member" is not known here; did you mean "members"?'],
    ] as const) {
      assert.deepEqual(
        fault(await engineer().post('/pools', body)),
        [422, `body.${path}`, message],
        JSON.stringify(body),
      );
    }
    const many = Array.from({ length: 101 }, (_, n) => n + 1);
    assert.deepEqual(fault(await engineer().post('/pools', { ...good, members: many })).slice(0, 2), [
      422,
      'body.members',
    ]);
    const { id } = await pool([a]);
    const again = await engineer().post('/pools', good);
    assert.deepEqual(
      [code(again), again.body.detail],
      ['409 pool-taken', 'A pool of this name exists; choose another name.'],
    );
    assert.deepEqual(fault(await engineer().patch(`/pools/${id}`, { members: [999_999] })), [
      422,
      'body.members.0',
      'There is no subnet 999999.',
    ]);
  });

  it('lose a subnet that is deleted, and nothing else', async () => {
    const [a, b, c] = [await subnet('10.0.0.0/24'), await subnet('10.0.0.0/25'), await subnet('10.1.0.0/24')];
    const one = await pool([c, b, a], { name: 'one' });
    const two = await pool([a], { name: 'two' });
    const other = await pool([c], { name: 'other' });
    const members = async () =>
      (await engineer().get('/pools')).body.items.map((each: { name: string; members: number[] }) => [
        each.name,
        ...each.members,
      ]);
    await engineer().delete(`/subnets/${b}`);
    assert.deepEqual(await members(), [
      ['one', c, a],
      ['other', c],
      ['two', a],
    ]);
    const { body } = await engineer().get(`/pools/${one.id}`);
    assert.deepEqual(
      [body.version, body.updatedBy],
      [2, 'user:0'],
      'who read the list before has to look again',
    );
    await register.as('admin').delete(`/subnets/${a}?cascade=delete`);
    assert.deepEqual(await members(), [['one', c], ['other', c], ['two']]);
    assert.equal((await engineer().get(`/pools/${other.id}`)).body.version, 1);
    const empty = await ask(two.id);
    assert.deepEqual(
      [code(empty), empty.body.detail],
      ['409 insufficient-space', 'The pool two has 0 free addresses in 0 subnets, and 1 was asked for.'],
    );
    assert.equal(code(await askBlocks(two.id, { prefixLength: 28 })), '409 insufficient-space');
    assert.equal(code(await ask(two.id, { address: '10.0.0.1' })), '422 address-outside');
  });

  it('are kept right whoever writes them', async () => {
    const a = await subnet('10.0.0.0/24');
    const write = (members: string) =>
      register.db.query(`INSERT INTO pool (name, members) VALUES ('p', '${members}')`);
    await assert.rejects(write('{999999}'), /pool_members_exist/);
    await assert.rejects(write(`{${a},${a}}`), /pool_members_once/);
    await assert.rejects(write(`{${a},NULL}`), /pool_members_once/);
    await write(`{${a}}`);
    await assert.rejects(
      register.db.query(`UPDATE pool SET members = members || 999999::bigint`),
      /pool_members_exist/,
    );
  });

  it('never keep a subnet that somebody deletes meanwhile', async () => {
    const id = await subnet('10.0.0.0/24');
    const psql = new pg.Client({ connectionString: register.databaseUrl });
    await psql.connect();
    try {
      await psql.query('BEGIN');
      await psql.query(`INSERT INTO pool (name, members) VALUES ('p', '{${id}}')`);
      const deleting = engineer().delete(`/subnets/${id}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await psql.query('COMMIT');
      assert.equal((await deleting).status, 204);
      assert.deepEqual((await engineer().get('/pools')).body.items[0].members, []);

      const other = await subnet('10.0.1.0/24');
      await psql.query('BEGIN');
      await psql.query(`DELETE FROM subnet WHERE id = ${other}`);
      const making = engineer().post('/pools', { name: 'late', members: [other] });
      await new Promise((resolve) => setTimeout(resolve, 100));
      await psql.query('COMMIT');
      assert.deepEqual(fault(await making), [422, 'body.members.0', `There is no subnet ${other}.`]);
    } finally {
      await psql.end();
    }
  });

  describe('hand out addresses', () => {
    it('from the first subnet, in the order given, that has room for all of a wish', async () => {
      const [small, large] = [await subnet('10.0.0.0/30'), await subnet('10.0.1.0/24')];
      const { id } = await pool([small, large]);
      assert.equal(await take(id), '10.0.0.1');
      assert.equal(await take(id, { count: 2 }), '10.0.1.1 10.0.1.2');
      assert.equal(await take(id), '10.0.0.2');
      assert.equal(await take(id), '10.0.1.3');
      const { status, body } = await ask(id, { count: 255 });
      assert.deepEqual([status, body.free, body.wanted], [409, 251, 255]);
      assert.equal(
        body.detail,
        'The pool servers has 251 free addresses in 2 subnets, and 255 were asked for.',
      );
    });

    it('say where no subnet alone has what all together have', async () => {
      const { id } = await pool([await subnet('10.0.0.0/29'), await subnet('10.0.1.0/29')]);
      const { status, body } = await ask(id, { count: 8 });
      assert.deepEqual([status, body.free, body.wanted], [409, 12, 8]);
      assert.equal(
        body.detail,
        'The pool servers has 12 free addresses in 2 subnets, but not the 8 asked for in one of them.',
      );
      const row = await ask(id, { count: 7, contiguous: true });
      assert.deepEqual([row.body.free, row.body.largestRun], [12, 6]);
      assert.equal(
        row.body.detail,
        'The pool servers has 12 free addresses in 2 subnets, but no 7 in a row: the longest run has 6.',
      );
    });

    it('by name from the smallest subnet that holds the address', async () => {
      const [outer, inner] = [await subnet('10.0.0.0/16'), await subnet('10.0.0.0/24')];
      const { id } = await pool([outer, inner]);
      const { body } = await ask(id, { address: '10.0.0.9' });
      assert.equal(body.addresses[0].subnetId, inner);
      assert.equal((await ask(id, { address: '10.0.9.9' })).body.addresses[0].subnetId, outer);
      assert.equal(code(await ask(id, { address: '10.0.0.9' })), '409 address-taken');
      const outside = await ask(id, { address: '10.9.0.1' });
      assert.deepEqual(
        [code(outside), outside.body.detail],
        ['422 address-outside', '10.9.0.1 does not lie in a subnet of the pool servers.'],
      );
      assert.equal(code(await ask(id, { address: '2001:db8::1' })), '422 address-outside');
    });

    it('by the strategy of the wish, else of the pool, else of the subnet', async () => {
      const [a, b] = [await subnet('10.0.0.0/29', { strategy: 'last' }), await subnet('10.0.1.0/24')];
      const { id } = await pool([a, b]);
      assert.equal(await take(id), '10.0.0.6');
      assert.equal(await take(id, { strategy: 'first' }), '10.0.0.1');
      await engineer().patch(`/pools/${id}`, { strategy: 'first' });
      assert.equal(await take(id), '10.0.0.2');
      await engineer().patch(`/pools/${id}`, { strategy: 'sparse' });
      assert.equal(await take(id), '10.0.0.4');
      await engineer().patch(`/pools/${id}`, { strategy: 'best-fit' });
      assert.equal(await take(id), '10.0.0.5', 'which is none for addresses');
      await register.db.query(`UPDATE pool SET strategy = 'gone'`);
      const gone = await ask(id);
      assert.equal(code(gone), '409 strategy-unknown');
      assert.match(gone.body.detail, /^The policy of the pool servers cannot be followed: "gone" is no/);
    });

    it('of both families and of several VRFs, without what is left out', async () => {
      await engineer().post('/vrfs', { name: 'blue' });
      const members = [
        await subnet('10.0.0.0/30'),
        await subnet('10.0.0.0/30', { vrf: 'blue' }),
        await subnet('2001:db8::/64'),
      ];
      const { id } = await pool(members);
      assert.equal(await take(id, { count: 2 }), '10.0.0.1 10.0.0.2');
      assert.equal((await ask(id)).body.addresses[0].subnetId, members[1]);
      assert.equal(await take(id, { exclude: ['10.0.0.0/8', '2001:db8::/120'] }), '2001:db8::100');
      const { body } = await ask(id, { exclude: ['10.0.0.0/8', '::/0'] });
      assert.deepEqual([body.status, body.free], [409, 0]);
    });

    it('for a list of wishes whole or not at all', async () => {
      const { id } = await pool([await subnet('10.0.0.0/29'), await subnet('10.0.1.0/29')]);
      const { status, body } = await ask(id, [
        { count: 5, hostname: 'a' },
        { count: 4, hostname: 'b' },
        { address: '10.0.0.1', hostname: 'c' },
        { hostname: 'd' },
      ]);
      assert.equal(status, 201, JSON.stringify(body));
      assert.deepEqual(
        body.addresses.map(({ address, hostname }: Record<string, string>) => `${address} ${hostname}`),
        [
          ...[2, 3, 4, 5, 6].map((n) => `10.0.0.${n} a`),
          ...[1, 2, 3, 4].map((n) => `10.0.1.${n} b`),
          '10.0.0.1 c',
          '10.0.1.5 d',
        ],
      );
      const refused = await ask(id, [{}, { count: 2 }, { address: '10.0.0.1' }]);
      assert.deepEqual(
        [
          refused.status,
          ...refused.body.refused.map((each: Record<string, unknown>) => [each.index, each.code]),
        ],
        [409, [1, 'insufficient-space'], [2, 'address-taken']],
      );
      assert.equal(await take(id), '10.0.1.6', 'nothing of it stayed');
    });

    it('in a dry run as they would', async () => {
      const { id } = await pool([await subnet('10.0.0.0/29')]);
      const { status, body } = await engineer().post(`/pools/${id}/allocations?dryRun=true`, { count: 2 });
      assert.deepEqual([status, body.addresses.length], [200, 2]);
      assert.equal(await take(id), '10.0.0.1');
    });
  });

  describe('hand out subnets', () => {
    it('from the first that has room for all', async () => {
      const [small, large] = [await subnet('10.0.0.0/26'), await subnet('10.0.1.0/24')];
      const { id } = await pool([small, large], { defaultPrefixLength: 28 });
      assert.equal(await blocks(id, { count: 3 }), '10.0.0.0/28 10.0.0.16/28 10.0.0.32/28');
      assert.equal(await blocks(id, { count: 2 }), '10.0.1.0/28 10.0.1.16/28');
      assert.equal(await blocks(id), '10.0.0.48/28');
      assert.equal(await blocks(id, { prefixLength: 25 }), '10.0.1.128/25');
      const { status, body } = await askBlocks(id, { count: 7 });
      assert.deepEqual([status, body.free, body.wanted], [409, 6, 7]);
      assert.equal(
        body.detail,
        'The pool servers has room for 6 more /28 in 2 subnets, and 7 were asked for.',
      );
      assert.equal((await engineer().get(`/subnets/${large}`)).body.childCount, 3);
    });

    it('say where no subnet alone has room for what fits into all', async () => {
      const { id } = await pool([await subnet('10.0.0.0/26'), await subnet('10.0.1.0/26')]);
      const { status, body } = await askBlocks(id, { prefixLength: 28, count: 5 });
      assert.deepEqual([status, body.free, body.wanted], [409, 8, 5]);
      assert.equal(
        body.detail,
        'The pool servers has room for 8 more /28 in 2 subnets, but not for the 5 asked for in one of them.',
      );
      assert.equal((await engineer().get('/subnets')).body.items.length, 2);
    });

    it('from those whose family and policy allow the length', async () => {
      const members = [
        await subnet('10.0.0.0/24', { maxChildPrefixLength: 26 }),
        await subnet('10.0.1.0/24', { childStrategy: 'sparse', defaultChildPrefixLength: 29 }),
        await subnet('2001:db8::/48'),
      ];
      const { id } = await pool(members);
      assert.equal(await blocks(id, { prefixLength: 64 }), '2001:db8::/64');
      assert.equal(await blocks(id, { prefixLength: 26 }), '10.0.0.0/26');
      assert.equal(await blocks(id, { prefixLength: 28, count: 2 }), '10.0.1.0/28 10.0.1.128/28');
      assert.equal(await blocks(id), '10.0.1.64/29', 'the usual one of the only subnet that has a usual one');
      assert.deepEqual(fault(await askBlocks(id, { prefixLength: 24 })), [
        422,
        'body.prefixLength',
        'No subnet of the pool servers can: A /24 is not a part of 10.0.0.0/24: it takes /25 to /32. ' +
          'A /24 is not a part of 10.0.1.0/24: it takes /25 to /32. A /24 is not a part of 2001:db8::/48: it takes /49 to /128.',
      ]);
      const bare = await pool([members[2] as number], { name: 'bare' });
      assert.deepEqual(fault(await askBlocks(bare.id)), [
        422,
        'body.prefixLength',
        'No subnet of the pool bare can: It is missing, and 2001:db8::/48 has no defaultChildPrefixLength.',
      ]);
    });

    it('by the strategy of the wish, else of the pool, else of the subnet', async () => {
      const { id } = await pool([await subnet('10.0.0.0/24', { childStrategy: 'sparse' })], {
        defaultPrefixLength: 28,
      });
      assert.equal(await blocks(id, { count: 2 }), '10.0.0.0/28 10.0.0.128/28');
      assert.equal(await blocks(id, { strategy: 'first' }), '10.0.0.16/28');
      await engineer().patch(`/pools/${id}`, { strategy: 'first' });
      assert.equal(await blocks(id), '10.0.0.32/28');
      await engineer().patch(`/pools/${id}`, { strategy: 'last' });
      assert.equal(await blocks(id), '10.0.0.192/28', 'which is none for subnets');
    });
  });

  it('are read by every role, written and drawn from by admins and engineers', async () => {
    const a = await subnet('10.0.0.0/24');
    const { id } = await pool([a]);
    const writes = [
      ['post', '/pools', { name: 'x', members: [a] }, /pools:write/],
      ['patch', `/pools/${id}`, { name: 'y' }, /pools:write/],
      ['post', `/pools/${id}/allocations`, {}, /allocation:write/],
      ['post', `/pools/${id}/subnet-allocations`, { prefixLength: 28 }, /allocation:write/],
      ['delete', `/pools/${id}`, undefined, /pools:write/],
    ] as const;
    for (const role of ['viewer', 'auditor'] as const) {
      for (const path of ['/pools', `/pools/${id}`])
        assert.equal((await register.as(role).get(path)).status, 200);
      for (const [method, path, body, permission] of writes) {
        const answer = await register.as(role)[method](path, body);
        assert.equal(code(answer), '403 forbidden', `${role} ${method} ${path}`);
        assert.match(answer.body.detail, permission);
      }
    }
    for (const [method, path, body] of writes) {
      assert.equal((await register.anonymous[method](path, body)).status, 401);
      assert.ok((await register.as('admin')[method](path, body)).status < 300, path);
    }
  });
});
