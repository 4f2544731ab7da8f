import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { audit } from './index.ts';

describe('the history of a record', () => {
  let register: TestRegister;
  let engineer: Client;
  let auditor: Client;
  before(async () => {
    register = await startTestRegister([users, subnets, allocation, audit]);
    engineer = register.as('engineer');
    auditor = register.as('auditor');
  });
  after(() => register.stop());

  const made = async (path: string, body: object): Promise<number> => {
    const answer = await engineer.post(path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  /** A moment between what was done and what is done next. */
  async function moment(): Promise<string> {
    await wait(5);
    const at = new Date().toISOString();
    await wait(5);
    return at;
  }
  const history = async (entity: string, query: Record<string, string | number>) => {
    const text = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    return auditor.get(`/history/${entity}?${text}`);
  };

  it('tells what it was at a moment, who had made it so, and its whole life', async () => {
    await made('/subnets', { cidr: '10.0.0.0/24' });
    const before = await moment();
    const id = await made('/addresses', { address: '10.0.0.9', hostname: 'old' });
    const first = await moment();
    await engineer.patch(`/addresses/${id}`, { hostname: 'new', tags: ['a'] });
    const second = await moment();
    await engineer.delete(`/addresses/${id}`);
    const gone = await moment();
    const again = await made('/addresses', { address: '10.0.0.9', hostname: 'other' });

    const key = { vrf: 'global', address: '10.0.0.9' };
    const { body: then } = await history('address', { ...key, at: first });
    assert.deepEqual(
      [then.entity, then.entityId, then.key, then.at, then.record.id, then.record.hostname, then.record.mac],
      ['address', id, key, first, id, 'old', null],
    );
    assert.deepEqual(
      [then.change.action, then.change.actor, then.change.source],
      ['create', 'user:0', 'rest'],
    );
    const { body: later } = await history('address', { ...key, at: second });
    assert.deepEqual([later.record.hostname, later.record.tags], ['new', ['a']]);
    assert.deepEqual(later.change.diff, {
      hostname: { before: 'old', after: 'new' },
      tags: { before: [], after: ['a'] },
    });
    const { body: now } = await history('address', { ...key, at: await moment() });
    assert.deepEqual([now.entityId, now.record.hostname], [again, 'other']);

    for (const [at, why] of [
      [before, /it came later/],
      [gone, /it was gone/],
    ] as const) {
      const { status, body } = await history('address', { ...key, at });
      assert.equal(status, 404);
      assert.match(body.detail, why);
    }

    const { body: life } = await history('address', { ...key, count: 'exact' });
    assert.deepEqual(
      life.items.map((each: Record<string, unknown>) => [each.action, each.entityId]),
      [
        ['create', id],
        ['update', id],
        ['delete', id],
        ['create', again],
      ],
    );
    assert.equal(life.total, 4);
    assert.deepEqual([life.items[0].before, life.items[1].before.hostname], [null, 'old']);
    const { body: page } = await history('address', { ...key, limit: 3 });
    const { body: rest } = await history('address', { ...key, limit: 3, cursor: page.nextCursor });
    assert.deepEqual([page.items.length, rest.items.length, rest.nextCursor], [3, 1, null]);
    assert.equal((await history('address', { id })).body.items.length, 3);
    assert.equal((await history('address', { id, at: second })).body.record.hostname, 'new');
  });

  it('finds records whose VRF has been renamed, and tells VRFs apart that had one name', async () => {
    const vrf = await made('/vrfs', { name: 'red' });
    await made('/subnets', { vrf: 'red', cidr: '10.9.0.0/24' });
    const id = await made('/addresses', { vrf: 'red', address: '10.9.0.9', hostname: 'one' });
    const then = await moment();
    await engineer.patch(`/vrfs/${vrf}`, { name: 'blue' });
    const renamed = await moment();
    await made('/vrfs', { name: 'red' });
    await made('/subnets', { vrf: 'red', cidr: '10.9.0.0/24' });
    const other = await made('/addresses', { vrf: 'red', address: '10.9.0.9', hostname: 'two' });
    const now = await moment();

    const found = async (name: string, at: string) =>
      (await history('address', { vrf: name, address: '10.9.0.9', at })).body.entityId;
    assert.equal(await found('red', then), id);
    assert.equal(await found('blue', then), id, 'by the name that it has now');
    assert.equal(await found('blue', renamed), id, 'though nothing was logged of it since');
    assert.equal(await found('blue', now), id);
    assert.equal(await found('red', now), other);
    assert.equal(await found(String(vrf), now), id);
    assert.equal((await history('vrf', { name: 'blue', at: then })).body.record.name, 'red');
    assert.deepEqual(
      (await history('vrf', { name: 'blue' })).body.items.map(({ action }: { action: string }) => action),
      ['create', 'update'],
    );
  });

  it('tells of records that were there before the log', async () => {
    const { body } = await history('vrf', { name: 'global', at: await moment() });
    assert.deepEqual([body.record.name, body.change], ['global', null]);
    const { body: life } = await history('vrf', { name: 'global' });
    assert.deepEqual(life.items, []);
    await register.owner.query(
      "ALTER TABLE vrf DISABLE TRIGGER USER; INSERT INTO vrf (name, rd) VALUES ('old', '1:1')",
    );
    await register.owner.query('ALTER TABLE vrf ENABLE TRIGGER USER');
    const before = await moment();
    const { body: found } = await engineer.get('/vrfs?name=old');
    await engineer.patch(`/vrfs/${found.items[0].id}`, { rd: '1:2' });
    const { body: then } = await history('vrf', { name: 'old', at: before });
    assert.deepEqual([then.record.rd, then.change], ['1:1', null]);
  });

  it('reads addresses however they are written', async () => {
    await made('/subnets', { cidr: '2001:db8::/64' });
    const id = await made('/addresses', { address: '2001:db8::1' });
    const { body } = await history('address', {
      vrf: 'global',
      address: '2001:DB8:0::1',
      at: await moment(),
    });
    assert.equal(body.entityId, id);
    assert.equal((await history('address', { vrf: 'global', address: 'nonsense' })).status, 422);
  });

  it('says what identifies a record, and which entities there are', async () => {
    const { status, body } = await history('address', { address: '10.0.0.9', ad: 'x' });
    assert.equal(status, 422);
    assert.deepEqual(
      body.errors.map((each: { path: string }) => each.path),
      ['query.ad', 'query.vrf'],
    );
    assert.match(body.errors[1].message, /vrf and address identify an address, or its id/);
    const unknown = await history('adress', { id: 1 });
    assert.equal(unknown.status, 404);
    assert.match(unknown.body.detail, /address, .*subnet, .*vrf/);
    assert.equal((await history('address', { id: 1, at: 'yesterday' })).status, 422);
    const never = await history('address', { vrf: 'global', address: '10.0.0.250' });
    assert.equal(never.status, 404);
    assert.match(never.body.detail, /never was an address with vrf global, address 10\.0\.0\.250/);
  });

  it('is for those who may read the log and the records', async () => {
    for (const role of ['viewer', 'engineer'] as const)
      assert.equal((await register.as(role).get('/history/vrf?name=global')).status, 403);
    assert.equal((await auditor.get('/history/vrf?name=global')).status, 200);
    assert.equal((await auditor.get('/history/user?email=a@example.net')).status, 404);
  });

  it('never tells a secret', async () => {
    const admin = register.as('admin');
    const email = 'secret@example.net';
    await admin.post('/users', { email, name: 'S', role: 'viewer', password: 'a long passphrase here' });
    const { body } = await history('user', { email });
    assert.equal(body.items.length, 1);
    assert.ok(!JSON.stringify(body).includes('$2'), 'no hash');
    const { body: now } = await history('user', { email, at: await moment() });
    assert.equal(now.record.email, email);
    assert.ok(!('passwordHash' in now.record) && !('password_hash' in now.record));
  });
});
