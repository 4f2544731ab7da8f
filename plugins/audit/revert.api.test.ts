import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { audit } from './index.ts';

const tables = ['vrf', 'subnet', 'ip_range', 'address', 'pool'];

describe('taking a change back', () => {
  let register: TestRegister;
  let engineer: Client;
  before(async () => {
    register = await startTestRegister([users, subnets, allocation, audit]);
    engineer = register.as('engineer');
  });
  after(() => register.stop());
  afterEach(async () => {
    await register.db.query('UPDATE subnet SET gateway = NULL WHERE gateway IS NOT NULL');
    for (const table of ['pool', 'address', 'ip_range', 'subnet'])
      await register.db.query(`DELETE FROM ${table}`);
    await register.db.query("DELETE FROM vrf WHERE name <> 'global'");
  });

  /** Every business column of every record; what the database derives, and the version, apart. */
  async function everything(): Promise<Record<string, unknown[]>> {
    const all: Record<string, unknown[]> = {};
    for (const table of tables) {
      const rows = await register.db.query<{ row: unknown }>(
        `SELECT to_jsonb(t) - '{version,created_at,created_by,updated_at,updated_by,tree_version,available_at}'::text[] AS row
           FROM ${table} t ORDER BY id`,
      );
      all[table] = rows.map(({ row }) => row);
    }
    return all;
  }

  async function versions(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const table of tables) {
      for (const { id, version } of await register.db.query<{ id: number; version: number }>(
        `SELECT id, version FROM ${table}`,
      ))
        found.set(`${table} ${id}`, version);
    }
    return found;
  }

  async function derived(): Promise<unknown> {
    const { query } = register.db;
    return [
      await query(
        `SELECT to_jsonb(u) - 'free_from' - 'next_due' AS usage FROM subnet_usage u ORDER BY subnet_id`,
      ),
      await query('SELECT * FROM free_span ORDER BY subnet_id, end_ip'),
    ];
  }

  /** What is derived (tree, homes, counters, free space) is what a rebuild from the records gives. */
  async function assertExact(): Promise<void> {
    const { query } = register.db;
    const kept = await derived();
    await query('SELECT recount(array_agg(id)), rebuild_spans(array_agg(id)) FROM subnet');
    assert.deepEqual(kept, await derived());
    const wrong = await query(
      `SELECT cidr FROM subnet s WHERE parent_id IS DISTINCT FROM subnet_above(vrf_id, cidr)
       UNION ALL SELECT address FROM address WHERE subnet_id IS DISTINCT FROM longest_match(vrf_id, address)`,
    );
    assert.deepEqual(wrong, []);
  }

  const made = async (path: string, body: object): Promise<number> => {
    const answer = await engineer.post(path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  const changeOf = (answer: { headers: Record<string, string>; status: number; body: unknown }): string => {
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    return String(answer.headers['x-change-id']);
  };
  const revert = (changeId: string, query = '', as = engineer) =>
    as.post(`/changes/${changeId}/revert${query}`);

  /** Runs a change, takes it back, and takes that back: everything is as it was, and then as the change had left it. */
  async function thereAndBack(
    change: () => Promise<{ headers: Record<string, string>; status: number; body: unknown }>,
  ) {
    const before = await everything();
    const changeId = changeOf(await change());
    const after = await everything();
    assert.notDeepEqual(after, before);
    const versionsThen = await versions();
    const plan = await revert(changeId, '?dryRun=true');
    assert.equal(plan.status, 200, JSON.stringify(plan.body));
    assert.deepEqual(await everything(), after, 'a dry run keeps nothing');
    const answer = await revert(changeId);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(answer.body.reverted, plan.body.reverted);
    assert.deepEqual(await everything(), before);
    for (const [record, version] of await versions()) {
      assert.ok(version >= (versionsThen.get(record) ?? 0), `${record} went back to version ${version}`);
    }
    const again = await revert(answer.body.changeId);
    assert.equal(again.status, 200, JSON.stringify(again.body));
    assert.deepEqual(await everything(), after);
    const back = await revert(again.body.changeId);
    assert.equal(back.status, 200, JSON.stringify(back.body));
    assert.deepEqual(await everything(), before);
    await assertExact();
    return answer.body;
  }

  it('deletes what was created', async () => {
    await made('/subnets', { cidr: '10.0.0.0/8' });
    const { total, reverted } = await thereAndBack(() =>
      engineer.post('/subnets', { cidr: '10.1.0.0/16', name: 'Lab' }),
    );
    assert.equal(total, 1);
    const [row] = reverted;
    assert.deepEqual(
      [row.entity, row.key, row.action, row.diff.name],
      ['subnet', { vrf: 'global', cidr: '10.1.0.0/16' }, 'delete', { before: 'Lab', after: null }],
    );
  });

  it('takes a subnet and its gateway away, also at the top of the tree', async () => {
    await thereAndBack(() => engineer.post('/subnets', { cidr: '10.1.0.0/16', gateway: '10.1.0.1' }));
  });

  it('gives a gateway back', async () => {
    const id = await made('/subnets', { cidr: '10.1.0.0/16', gateway: '10.1.0.1' });
    await made('/addresses', { address: '10.1.0.2', hostname: 'old' });
    await thereAndBack(() => engineer.patch(`/subnets/${id}`, { gateway: '10.1.0.9' }));
    await thereAndBack(() => engineer.patch(`/subnets/${id}`, { gateway: null }));
    await thereAndBack(() =>
      engineer.patch(`/subnets/${id}`, { name: 'X', status: 'container', tags: ['a', 'b'] }),
    );
  });

  it('brings deleted records back under their ids', async () => {
    const id = await made('/subnets', {
      cidr: '10.1.0.0/16',
      gateway: '10.1.0.1',
      metadata: { a: [1, null] },
    });
    await made('/subnets', { cidr: '10.1.1.0/24', gateway: '10.1.1.1' });
    await made('/addresses', { address: '10.1.1.7', hostname: 'a.example', tags: ['x'] });
    await made('/ranges', { start: '10.1.2.10', end: '10.1.2.20', purpose: 'dhcp' });
    await register.as('admin').post('/pools', { name: 'p', members: [id] });
    const admin = register.as('admin');
    const before = await everything();
    const answer = await admin.delete(`/subnets/${id}?cascade=delete`);
    const changeId = changeOf(answer);
    assert.deepEqual((await everything()).subnet, []);
    const done = await revert(changeId, '', admin);
    assert.equal(done.status, 200, JSON.stringify(done.body));
    assert.deepEqual(await everything(), before);
    await assertExact();
  });

  it('gives allocated addresses back, and released ones to their holders', async () => {
    const id = await made('/subnets', { cidr: '10.1.0.0/24' });
    await thereAndBack(() => engineer.post(`/subnets/${id}/allocations`, { count: 5, hostname: 'x' }));
    const address = await made('/addresses', {
      address: '10.1.0.77',
      hostname: 'h',
      mac: '00:11:22:33:44:55',
    });
    await thereAndBack(() => engineer.post(`/addresses/${address}/release`));
    await thereAndBack(() =>
      engineer.post(`/subnets/${id}/subnet-allocations`, { prefixLength: 28, count: 2 }),
    );
  });

  it('undoes split, merge, resize and renumbering', async () => {
    const top = await made('/subnets', { cidr: '10.0.0.0/24', gateway: '10.0.0.1' });
    await made('/addresses', { address: '10.0.0.70' });
    await made('/addresses', { address: '10.0.0.200' });
    await thereAndBack(() => engineer.post(`/subnets/${top}/split`, { prefixLength: 26 }));
    await thereAndBack(() => engineer.post(`/subnets/${top}/resize`, { cidr: '10.0.0.0/23' }));
    const { body } = await engineer.post(`/subnets/${top}/split`, { prefixLength: 26 });
    const ids = body.subnets.map((each: { id: number }) => each.id);
    await thereAndBack(() => engineer.post(`/subnets/${ids[0]}/merge`, { subnetIds: [ids[1]] }));
    await thereAndBack(() => engineer.post(`/subnets/${ids[0]}/merge`, { subnetIds: ids }));
    await made('/ranges', { start: '10.0.0.10', end: '10.0.0.20', purpose: 'pool' });
    await thereAndBack(() => engineer.post(`/subnets/${top}/renumber`, { cidr: '172.16.5.0/24' }));
  });

  it('merges at the top of the tree come apart again', async () => {
    const a = await made('/subnets', { cidr: '10.0.0.0/25', gateway: '10.0.0.1' });
    const b = await made('/subnets', { cidr: '10.0.0.128/25', gateway: '10.0.0.129' });
    await made('/addresses', { address: '10.0.0.200' });
    await thereAndBack(() => engineer.post(`/subnets/${a}/merge`, { subnetIds: [b] }));
  });

  it('gives every business column back that one change created, changed and deleted, with versions going up', async () => {
    const parent = await made('/subnets', { cidr: '10.1.0.0/16' });
    const changed = await made('/addresses', {
      address: '10.1.0.1',
      hostname: 'a',
      tags: ['x'],
      metadata: { rack: { u: null } },
    });
    const deleted = await made('/addresses', {
      address: '10.1.0.2',
      mac: '00:11:22:33:44:55',
      expiresAt: '2031-01-01T10:00:00.123Z',
    });
    await engineer.patch(`/addresses/${deleted}`, { hostname: 'b' });
    const { body: was } = await engineer.get(`/addresses/${deleted}`);
    const before = await everything();
    const changeId = randomUUID();
    await register.host.transact({ actor: 'job:x', changeId, source: 'job' }, async ({ query }) => {
      await query(
        "INSERT INTO subnet (vrf_id, cidr, gateway) VALUES (1, '10.1.4.0/24', '10.1.4.1'), (1, '10.1.4.0/25', NULL)",
      );
      await query(
        "INSERT INTO ip_range (vrf_id, start_ip, end_ip, purpose) VALUES (1, '10.1.4.9', '10.1.4.20', 'dhcp')",
      );
      await query("UPDATE address SET hostname = NULL, metadata = '{}', tags = '{y}' WHERE id = $1", [
        changed,
      ]);
      await query("UPDATE subnet SET name = 'Changed twice' WHERE id = $1", [parent]);
      await query("UPDATE subnet SET name = 'Changed', status = 'container' WHERE id = $1", [parent]);
      await query("UPDATE address SET hostname = 'then deleted' WHERE id = $1", [deleted]);
      await query('DELETE FROM address WHERE id = $1', [deleted]);
      await query("INSERT INTO address (vrf_id, address) VALUES (1, '10.1.0.3')");
      await query("DELETE FROM address WHERE address = '10.1.0.3'");
    });
    const stale = (await engineer.get(`/addresses/${changed}`)).headers.etag as string;
    const { status, body } = await revert(changeId);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(await everything(), before);
    await assertExact();
    const { body: back } = await engineer.get(`/addresses/${deleted}`);
    assert.deepEqual([back.createdAt, back.createdBy], [was.createdAt, was.createdBy]);
    assert.equal(was.version, 2);
    assert.equal(back.version, 4, 'it had been changed and was then deleted at 3');
    assert.equal(
      (await engineer.patch(`/addresses/${changed}`, { hostname: 'z' }, { 'If-Match': stale })).status,
      412,
    );
    const actions = body.reverted.map(
      ({ action, key }: { action: string; key: object }) => `${action} ${Object.values(key).at(-1)}`,
    );
    assert.deepEqual(
      actions.sort(),
      [
        'create 10.1.0.2',
        'delete 10.1.4.0/24',
        'delete 10.1.4.0/25',
        'delete 10.1.4.1',
        'delete 10.1.4.9',
        'update 10.1.0.1',
        'update 10.1.0.0/16',
      ].sort(),
    );
    const { body: log } = await register.as('admin').get(`/audit-logs?changeId=${body.changeId}`);
    assert.ok(log.items.length >= 7);
    assert.ok(log.items.every(({ actor }: { actor: string }) => actor === 'user:0'));
  });

  it('refuses where something changed since, naming it and what changed', async () => {
    await made('/subnets', { cidr: '10.1.0.0/16' });
    const a = await made('/addresses', { address: '10.1.0.1' });
    const b = await made('/addresses', { address: '10.1.0.2' });
    const changeId = changeOf(
      await engineer.patch('/addresses', [
        { id: a, hostname: 'one' },
        { id: b, hostname: 'two' },
      ]),
    );
    const later = changeOf(await engineer.patch(`/addresses/${b}`, { description: 'mine' }));
    const before = await everything();
    const { status, body } = await revert(changeId);
    assert.equal(status, 409);
    assert.match(body.type, /changed-since$/);
    assert.match(body.detail, /address global 10\.1\.0\.2 \(changed: description\)/);
    assert.deepEqual(body.rows, [
      {
        entity: 'address',
        id: b,
        key: { vrf: 'global', address: '10.1.0.2' },
        why: 'changed',
        fields: ['description'],
      },
    ]);
    assert.deepEqual(await everything(), before);
    changeOf(await revert(later));
    changeOf(await revert(changeId));
    const gone = changeOf(await engineer.patch(`/addresses/${b}`, { hostname: 'x' }));
    changeOf(await engineer.delete(`/addresses/${b}`));
    assert.match((await revert(gone)).body.detail, /10\.1\.0\.2 \(gone\)/);
  });

  it('refuses what a rule refuses, in its words, naming the record', async () => {
    const id = await made('/subnets', { cidr: '10.1.0.0/16' });
    const changeId = changeOf(
      await engineer.post('/subnets', [{ cidr: '10.2.0.0/16' }, { cidr: '10.3.0.0/16' }]),
    );
    await made('/addresses', { address: '10.3.0.1' });
    const refused = await revert(changeId);
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /lie in no subnet.*10\.3\.0\.0\/16/);
    const gone = changeOf(await engineer.delete(`/subnets/${id}`));
    await made('/subnets', { cidr: '10.1.0.0/16' });
    const taken = await revert(gone);
    assert.equal(taken.status, 409);
    assert.match(
      taken.body.detail,
      /10\.1\.0\.0\/16 exists in the VRF already\..*subnet global 10\.1\.0\.0\/16/,
    );
  });

  it('needs the permission to write each of the records', async () => {
    await made('/subnets', { cidr: '10.1.0.0/16' });
    const changeId = changeOf(await engineer.post('/addresses', { address: '10.1.0.1' }));
    for (const role of ['viewer', 'auditor'] as const) {
      const { status, body } = await revert(changeId, '', register.as(role));
      assert.equal(status, 403);
      assert.equal(body.permission, 'addresses:write');
    }
    assert.equal((await register.anonymous.post(`/changes/${changeId}/revert`)).status, 401);

    const mixed = randomUUID();
    await register.host.transact({ actor: 'job:x', changeId: mixed, source: 'job' }, async ({ query }) => {
      await query("UPDATE address SET hostname = 'mixed' WHERE address = '10.1.0.1'");
      await query(
        "INSERT INTO app_user (email, name, role, password_hash) VALUES ('mixed@example.net', 'M', 'viewer', '-')",
      );
    });
    const refused = await revert(mixed);
    assert.deepEqual([refused.status, refused.body.permission], [403, 'users:write']);
    const { body: found } = await engineer.get('/addresses?address=10.1.0.1');
    assert.equal(found.items[0].hostname, 'mixed', 'nothing of it was taken back');
  });

  it('refuses records with secrets, and says why', async () => {
    const admin = register.as('admin');
    const changeId = changeOf(
      await admin.post('/users', {
        email: 'a@example.net',
        name: 'A',
        role: 'viewer',
        password: 'a long passphrase here',
      }),
    );
    const { status, body } = await revert(changeId, '', admin);
    assert.equal(status, 409);
    assert.match(body.detail, /passwordHash/);
    assert.equal((await revert(changeId)).status, 403);
  });

  it('knows no change that is not in the log', async () => {
    assert.equal((await revert(randomUUID())).status, 404);
    assert.equal((await revert('7')).status, 422);
  });

  it('takes 20,000 records back in seconds', async function () {
    this.timeout(60_000);
    const id = await made('/subnets', { cidr: '10.1.0.0/16' });
    const changeId = randomUUID();
    await register.host.transact({ actor: 'test', changeId, source: 'cli' }, async ({ query }) => {
      await query(
        `INSERT INTO address (vrf_id, address, hostname) SELECT 1, '10.1.0.0'::inet + n, 'h' || n FROM generate_series(1, 20000) n`,
      );
    });
    const began = performance.now();
    const plan = await revert(changeId, '?dryRun=true&limit=10');
    assert.equal(plan.body.total, 20_000, JSON.stringify(plan.body));
    assert.equal(plan.body.reverted.length, 10);
    const next = await revert(changeId, `?dryRun=true&limit=10&cursor=${plan.body.nextCursor}`);
    assert.equal(next.body.reverted[0].key.address, '10.1.0.11');
    const done = await revert(changeId);
    const again = await revert(done.body.changeId);
    assert.equal(again.body.total, 20_000);
    // Four times there and back; one at a time they would take minutes.
    assert.ok(performance.now() - began < 40_000);
    assert.equal((await engineer.get(`/subnets/${id}`)).body.utilization.used, 20_000);
  });
});
