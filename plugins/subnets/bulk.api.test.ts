import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

interface Item {
  id: number;
  cidr: string;
  parentId: number | null;
  version: number;
}
interface Fault {
  index: number;
  status: number;
  code: string;
  detail: string;
}

describe('lists of subnets, addresses and VRFs', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets]);
  });
  after(() => register.stop());
  afterEach(async () => {
    await register.db.query('DELETE FROM address');
    await register.db.query('DELETE FROM subnet');
    await register.db.query(`DELETE FROM vrf WHERE name <> 'global'`);
  });

  const engineer = () => register.as('engineer');
  const registered = async () => {
    const rows = await register.db.query<{ cidr: string }>('SELECT cidr FROM subnet ORDER BY cidr');
    return rows.map(({ cidr }) => cidr).join(' ');
  };
  /** How many rows of usage and free space differ from what a rebuild would give: none, always. */
  const drift = async () => {
    const usage = 'SELECT subnet_id, children, child_count, taken, total FROM subnet_usage';
    const spans = 'SELECT subnet_id, start_ip, end_ip FROM free_span';
    const read = async () => [
      await register.db.query(`${usage} ORDER BY 1`),
      await register.db.query(`${spans} ORDER BY 1, 2`),
    ];
    const kept = await read();
    await register.db.query('SELECT recount(array_agg(id)), rebuild_spans(array_agg(id)) FROM subnet');
    assert.deepEqual(kept, await read());
  };

  it('put parents and children in one list, in any order', async () => {
    const { status, body, headers } = await engineer().post('/subnets', [
      { cidr: '10.0.0.0/24' },
      { cidr: '10.0.0.0/8', status: 'container' },
      { cidr: '10.0.0.0/25' },
      { cidr: '2001:db8::/48' },
    ]);
    assert.equal(status, 201, JSON.stringify(body));
    assert.ok(headers['x-change-id']);
    const parents = await register.db.query(
      'SELECT s.cidr, p.cidr AS parent FROM subnet s LEFT JOIN subnet p ON p.id = s.parent_id ORDER BY s.id',
    );
    assert.deepEqual(parents, [
      { cidr: '10.0.0.0/24', parent: '10.0.0.0/8' },
      { cidr: '10.0.0.0/8', parent: null },
      { cidr: '10.0.0.0/25', parent: '10.0.0.0/24' },
      { cidr: '2001:db8::/48', parent: null },
    ]);
    await drift();
  });

  it('are refused as a whole, with every fault, where it is, and what would be right', async () => {
    const { status, body } = await engineer().post('/subnets', [
      { cidr: '10.0.0.0/24' },
      { cidr: '10.0.0.5/24' },
      { cidr: '10.0.0.0/24' },
      { cidr: '10.1.0.0/24', vrf: 'blue' },
    ]);
    assert.equal(status, 422);
    assert.equal(
      body.detail,
      'Nothing was changed, since 3 of 4 items are refused; the first, body.1.cidr: "10.0.0.5/24" has host bits set; did you mean 10.0.0.0/24?',
    );
    assert.deepEqual(
      body.errors.map(({ path }: { path: string }) => path),
      ['body.1.cidr', 'body.3.vrf'],
    );
    assert.deepEqual(
      body.refused.map(({ index, status, code, detail }: Fault) => [index, status, code, detail]),
      [
        [1, 422, 'invalid', 'body.1.cidr: "10.0.0.5/24" has host bits set; did you mean 10.0.0.0/24?'],
        [2, 409, 'subnet-taken', '10.0.0.0/24 exists in the VRF already.'],
        [3, 422, 'invalid', 'There is no VRF "blue"; GET /vrfs lists them.'],
      ],
    );
    assert.equal(await registered(), '');
    const [{ n } = {}] = await register.db.query(
      'SELECT (SELECT count(*) FROM subnet_usage) + (SELECT count(*) FROM free_span) AS n',
    );
    assert.equal(n, 0);
  });

  it('that are partial keep what is good, and the tree and the free space agree with it', async () => {
    const { status, body } = await engineer().post('/subnets?mode=partial', [
      { cidr: '10.0.0.0/8', status: 'container' },
      { cidr: '10.0.0.0/24' },
      { cidr: '10.0.0.0/24' },
      { cidr: '10.0.1.0/24' },
    ]);
    assert.deepEqual(
      [status, body.results.map((each: { status: number }) => each.status)],
      [207, [201, 201, 409, 201]],
    );
    assert.equal(body.results[2].problem.type, 'urn:cadastre:error:subnet-taken');
    assert.equal(await registered(), '10.0.0.0/8 10.0.0.0/24 10.0.1.0/24');
    await drift();
    const [, first, , second] = body.results.map((each: { item?: Item }) => each.item);
    assert.equal(first.parentId, second.parentId);
  });

  it('of changes keep to the versions that were read', async () => {
    const made = await engineer().post('/subnets', [{ cidr: '10.0.0.0/24' }, { cidr: '10.0.1.0/24' }]);
    const [a, b] = made.body.items as [Item, Item];
    const change = [
      { id: a.id, version: a.version, name: 'one' },
      { id: b.id, version: b.version, status: 'reserved' },
    ];
    const done = await engineer().patch('/subnets', change);
    assert.deepEqual(
      [
        done.status,
        done.body.items.map(({ name, status, version }: Item & Record<string, string>) => [
          name,
          status,
          version,
        ]),
      ],
      [
        200,
        [
          ['one', 'active', 2],
          [null, 'reserved', 2],
        ],
      ],
    );
    const stale = await engineer().patch('/subnets', change);
    assert.equal(stale.status, 412);
    assert.deepEqual([stale.body.current.name, stale.body.refused.length], ['one', 2]);
    const moved = await engineer().patch('/subnets', [{ id: a.id, cidr: '10.9.0.0/24' }]);
    assert.equal(moved.body.errors[0].path, 'body.0.cidr');
    assert.match(moved.body.errors[0].message, /"cidr" is not known here/);
  });

  it('of addresses tell who holds those that are taken', async () => {
    await engineer().post('/subnets', { cidr: '10.0.0.0/24' });
    await engineer().post('/addresses', { address: '10.0.0.2', hostname: 'printer' });
    const list = [{ address: '10.0.0.1' }, { address: '10.0.0.2' }, { address: '10.9.0.1' }];
    const { status, body } = await engineer().post('/addresses', list);
    assert.equal(status, 409);
    assert.equal(body.holder.hostname, 'printer');
    assert.match(body.detail, /the first, body\.1: 10\.0\.0\.2 is assigned already by printer/);
    assert.deepEqual(
      body.refused.map(({ index, code }: Fault) => `${index} ${code}`),
      ['1 address-taken', '2 address-needs-subnet'],
    );
    const partial = await engineer().post('/addresses?mode=partial', list);
    assert.equal(partial.body.results[0].item.address, '10.0.0.1');
    const { id } = partial.body.results[0].item;
    const changed = await engineer().patch('/addresses', [{ id, hostname: 'core-1' }]);
    assert.deepEqual([changed.status, changed.body.items[0].hostname], [200, 'core-1']);
    await drift();
  });

  it('of VRFs can be tried without keeping any of it', async () => {
    const tried = await engineer().post('/vrfs?dryRun=true', [{ name: 'blue' }, { name: 'red' }]);
    assert.deepEqual([tried.status, tried.body.items.length], [200, 2]);
    const again = await engineer().post('/vrfs', [{ name: 'blue' }, { name: 'red' }]);
    assert.equal(again.status, 201);
    const renamed = await engineer().patch(
      '/vrfs',
      again.body.items.map(({ id }: Item, i: number) => ({ id, name: `green-${i}` })),
    );
    assert.deepEqual([renamed.status, renamed.body.items[1].name], [200, 'green-1']);
  });

  it('with an Idempotency-Key are made once, however many send them at once', async () => {
    const list = [{ cidr: '10.0.0.0/24' }, { cidr: '10.0.1.0/24' }];
    const send = () => engineer().post('/subnets', list, { 'Idempotency-Key': 'import-7' });
    const answers = await Promise.all([send(), send(), send(), send()]);
    assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
    assert.equal(answers[0]?.status, 201);
    assert.equal(answers.filter(({ headers }) => headers['idempotency-replayed']).length, 3);
    assert.equal(await registered(), '10.0.0.0/24 10.0.1.0/24');
    const other = await engineer().post('/subnets', list.slice(1), { 'Idempotency-Key': 'import-7' });
    assert.deepEqual([other.status, other.body.type], [422, 'urn:cadastre:error:idempotency-key-reused']);
  });

  it('of which the transaction is killed leave nothing behind, and can be sent again under their key', async () => {
    const holder = new pg.Client({ connectionString: register.databaseUrl });
    await holder.connect();
    await holder.query('BEGIN; SELECT lock_tree(id) FROM vrf');
    const send = () =>
      engineer().post('/subnets', [{ cidr: '10.0.0.0/24' }], { 'Idempotency-Key': 'import-8' });
    const dying = send();
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await register.db.query(kill)).length === 0) await sleep(20);
    assert.equal((await dying).status, 503);
    await holder.query('ROLLBACK');
    await holder.end();
    const keys = `SELECT 1 FROM idempotency_key WHERE key = 'import-8'`;
    assert.deepEqual([await registered(), await register.db.query(keys)], ['', []]);
    const again = await send();
    assert.deepEqual([again.status, again.headers['idempotency-replayed']], [201, undefined]);
  });

  it('that meet crosswise are both done', async () => {
    const made = await engineer().post('/subnets', [{ cidr: '10.0.0.0/24' }, { cidr: '10.0.1.0/24' }]);
    const ids = made.body.items.map(({ id }: Item) => id);
    const rename = (name: string, order: number[]) =>
      engineer().patch(
        '/subnets',
        order.map((id) => ({ id, name })),
      );
    const answers = await Promise.all([rename('a', ids), rename('b', ids.toReversed())]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
  });
});
