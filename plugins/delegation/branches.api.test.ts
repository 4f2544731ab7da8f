import assert from 'node:assert/strict';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { audit } from '#plugins/audit';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { delegation } from './index.ts';
import { clientOf, give, type Land, makeLand, signedIn } from './testing/people.ts';
import { racksPlugin } from './testing/racks.ts';

describe('a role on a branch', () => {
  let register: TestRegister;
  let land: Land;
  let wanda: Client;
  const admin = () => register.as('admin');
  before(async () => {
    register = await startTestRegister([users, subnets, delegation, allocation, audit, racksPlugin()]);
    land = await makeLand(register);
    const { id, email } = await signedIn(register, 'wanda');
    await give(register, id, '10.20.0.0/16');
    await give(register, id, '10.40.0.0/16');
    wanda = await clientOf(register, email);
  });
  after(() => register.stop());

  const subnet = (cidr: string) => land.subnets[cidr] as number;
  const statuses = async (...calls: ReturnType<Client['get']>[]) =>
    (await Promise.all(calls)).map(({ status }) => status);

  async function refused(call: ReturnType<Client['get']>, permission: string): Promise<void> {
    const { status, body } = await call;
    assert.deepEqual(
      [status, body.type, body.permission, body.branches],
      [
        403,
        'urn:cadastre:error:forbidden',
        permission,
        ['10.20.0.0/16 in VRF blue', '10.40.0.0/16 in VRF blue'],
      ],
      JSON.stringify(body),
    );
    assert.doesNotMatch(JSON.stringify(body), /within_branches|INSERT|transaction/);
  }

  it('lets one make, change and delete what lies inside', async () => {
    const made = await wanda.post('/subnets', { cidr: '10.20.9.0/24', vrf: 'blue', gateway: '10.20.9.1' });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const at = `/subnets/${made.body.id}`;
    assert.equal((await wanda.patch(at, { name: 'Lab' })).body.updatedBy, made.body.createdBy);
    const address = await wanda.post('/addresses', { address: '10.20.9.7', vrf: 'blue' });
    const range = await wanda.post('/ranges', {
      start: '10.20.9.100',
      end: '10.20.9.150',
      purpose: 'dhcp',
      vrf: 'blue',
    });
    assert.deepEqual([address.status, range.status], [201, 201]);
    assert.deepEqual(
      await statuses(
        wanda.patch(`/addresses/${address.body.id}`, { hostname: 'a.example.net' }),
        wanda.patch(`/ranges/${range.body.id}`, { end: '10.20.9.160' }),
      ),
      [200, 200],
    );
    assert.equal((await wanda.post(`/addresses/${address.body.id}/release`, {})).status, 200);
    assert.deepEqual(
      [
        await wanda.delete(`/addresses/${address.body.id}`),
        await wanda.delete(`/ranges/${range.body.id}`),
        await wanda.delete(at),
      ].map(({ status }) => status),
      [204, 204, 204],
    );
  });

  it('refuses what lies outside, before anything else is told, and changes nothing', async () => {
    const there = await admin().post('/addresses', { address: '10.30.1.9', vrf: 'blue' });
    await refused(wanda.post('/subnets', { cidr: '10.31.0.0/16', vrf: 'blue' }), 'subnets:write');
    await refused(wanda.post('/subnets', { cidr: '10.20.3.0/24' }), 'subnets:write');
    await refused(wanda.post('/subnets', { cidr: '10.30.1.0/24', vrf: 'blue' }), 'subnets:write');
    await refused(wanda.patch(`/subnets/${subnet('10.30.1.0/24')}`, { name: 'Mine' }), 'subnets:write');
    await refused(wanda.patch(`/subnets/${subnet('10.0.0.0/8')}`, { name: 'Mine' }), 'subnets:write');
    await refused(wanda.delete(`/subnets/${subnet('10.30.1.0/24')}?cascade=rehome`), 'subnets:write');
    await refused(wanda.post('/addresses', { address: '10.30.1.10', vrf: 'blue' }), 'addresses:write');
    await refused(wanda.post('/addresses', { address: '10.20.0.10' }), 'addresses:write');
    await refused(wanda.patch(`/addresses/${there.body.id}`, { hostname: 'mine' }), 'addresses:write');
    await refused(wanda.delete(`/addresses/${there.body.id}`), 'addresses:write');
    await refused(wanda.post(`/addresses/${there.body.id}/release`, {}), 'allocation:write');
    await refused(
      wanda.post('/ranges', { start: '10.30.1.20', end: '10.30.1.30', purpose: 'dhcp', vrf: 'blue' }),
      'ranges:write',
    );
    assert.deepEqual((await admin().get(`/addresses/${there.body.id}`)).body, there.body);
  });

  it('gives no permission but those of its role that can be had on a branch', async () => {
    const { body } = await wanda.post('/vrfs', { name: 'mine' });
    assert.equal(body.permission, 'vrfs:write');
    assert.equal((await wanda.get('/users')).body.permission, 'users:read');
    assert.equal((await wanda.get(`/subnets/${subnet('10.30.1.0/24')}`)).status, 200, 'reads as before');
    const branch = await wanda.delete(`/subnets/${subnet('10.20.1.0/24')}?cascade=delete`);
    assert.deepEqual([branch.status, branch.body.permission], [403, 'subnets:delete-branch']);
    await refused(wanda.post('/racks', { vrfId: land.blue, cidr: '10.20.1.0/24' }), 'racks:write');
  });

  it('lets one fill the subnet that is the branch itself, and not take it away', async () => {
    const top = `/subnets/${subnet('10.20.0.0/16')}`;
    assert.equal((await wanda.patch(top, { description: 'Ours' })).status, 200);
    const gone = await wanda.delete(`${top}?cascade=rehome`);
    assert.equal(gone.status, 403);
    assert.match(gone.body.detail, /take away 10\.20\.0\.0\/16, the subnet that is the branch itself/);
    assert.equal((await wanda.post(`${top}/resize`, { cidr: '10.20.0.0/17' })).status, 403);
    const made = await wanda.post('/subnets', { cidr: '10.40.0.0/16', vrf: 'blue' });
    assert.equal(made.status, 201, 'where there is none yet, one may make it');
  });

  it('hands out inside, one at a time or many at once, beside others, and never outside', async () => {
    const path = `/subnets/${subnet('10.20.1.0/24')}/allocations`;
    const outside = `/subnets/${subnet('10.30.1.0/24')}/allocations`;
    const mixed = await statuses(
      ...[1, 2, 3, 4].flatMap(() => [
        wanda.post(path, {}),
        admin().post(path, {}),
        wanda.post(outside, {}),
        admin().post(outside, {}),
      ]),
    );
    assert.deepEqual(mixed, Array.from({ length: 4 }, () => [201, 201, 403, 201]).flat());
    for (const wish of [
      { count: 2 },
      { strategy: 'last' },
      { strategy: 'random', count: 3 },
      [{ hostname: 'a' }, { hostname: 'b' }],
    ]) {
      assert.equal((await wanda.post(path, wish)).status, 201, JSON.stringify(wish));
      await refused(wanda.post(outside, wish), 'allocation:write');
      await refused(wanda.post(`${outside}?dryRun=true`, wish), 'allocation:write');
    }
    assert.equal(
      (await wanda.post(`/subnets/${subnet('10.20.2.0/24')}/subnet-allocations`, { prefixLength: 28 }))
        .status,
      201,
    );
    await refused(
      wanda.post(`/subnets/${subnet('10.30.0.0/16')}/subnet-allocations`, { prefixLength: 28 }),
      'allocation:write',
    );
  });

  it('holds for requests with a key, too: the first answer is repeated, a refusal is not kept', async () => {
    const key = { 'Idempotency-Key': 'wanda-1' };
    const path = `/subnets/${subnet('10.20.1.0/24')}/allocations`;
    const [first, again] = [await wanda.post(path, {}, key), await wanda.post(path, {}, key)];
    assert.deepEqual(
      [first.status, again.body, again.headers['idempotency-replayed']],
      [201, first.body, 'true'],
    );
    const outside = { cidr: '10.32.0.0/16', vrf: 'blue' };
    await refused(wanda.post('/subnets', outside, { 'Idempotency-Key': 'wanda-2' }), 'subnets:write');
    await refused(wanda.post('/subnets', outside, { 'Idempotency-Key': 'wanda-2' }), 'subnets:write');
  });

  it('refuses a list whole, or the items that lie outside where it is partial', async () => {
    const list = ['10.20.50.0/24', '10.50.0.0/24', '10.20.51.0/24'].map((cidr) => ({ cidr, vrf: 'blue' }));
    const whole = await wanda.post('/subnets', list);
    assert.deepEqual(
      [whole.status, whole.body.permission, whole.body.refused.length],
      [403, 'subnets:write', 1],
    );
    assert.match(whole.body.detail, /^Nothing was changed, since 1 of 3/);
    const { body } = await wanda.post('/subnets?mode=partial', list);
    assert.deepEqual(
      body.results.map(({ status }: { status: number }) => status),
      [201, 403, 201],
    );
    assert.equal(body.results[1].problem.permission, 'subnets:write');
    const ids = [subnet('10.20.1.0/24'), subnet('10.30.1.0/24')];
    const patched = await wanda.patch(
      '/subnets?mode=partial',
      ids.map((id) => ({ id, name: 'Both' })),
    );
    assert.deepEqual(
      patched.body.results.map(({ status }: { status: number }) => status),
      [200, 403],
    );
  });

  it('lets nothing be moved in or out, and reshapes inside', async () => {
    const inside = await wanda.post('/subnets', { cidr: '10.20.128.0/24', vrf: 'blue' });
    const at = `/subnets/${inside.body.id}`;
    await refused(wanda.post(`${at}/renumber`, { cidr: '10.60.0.0/24' }), 'subnets:write');
    await refused(wanda.post(`${at}/renumber?dryRun=true`, { cidr: '10.60.0.0/24' }), 'subnets:write');
    await refused(
      wanda.post(`/subnets/${subnet('10.30.1.0/24')}/renumber`, { cidr: '10.20.60.0/24' }),
      'subnets:write',
    );
    await refused(wanda.post(`${at}/resize`, { cidr: '10.0.0.0/9' }), 'subnets:write');
    assert.deepEqual(
      [
        await wanda.post(`${at}/renumber`, { cidr: '10.20.129.0/24' }),
        await wanda.post(`${at}/resize`, { cidr: '10.20.128.0/23' }),
        await wanda.post(`${at}/split`, { prefixLength: 25 }),
      ].map(({ status }) => status),
      [200, 200, 200],
    );
    const { items } = (await wanda.get(`${at}/children`)).body;
    const ids = items.map(({ id }: { id: number }) => id);
    const merged = await wanda.post(`/subnets/${ids[0]}/merge`, { subnetIds: ids.slice(1) });
    assert.equal(merged.status, 200, JSON.stringify(merged.body));
    assert.equal((await wanda.delete(`${at}?cascade=rehome`)).status, 204);
  });

  it('takes pools of which every subnet lies inside', async () => {
    const [one, other, outside] = ['10.20.1.0/24', '10.20.2.0/24', '10.30.1.0/24'].map(subnet);
    const mine = await wanda.post('/pools', { name: 'mine', members: [one, other] });
    assert.equal(mine.status, 201);
    const at = `/pools/${mine.body.id}`;
    assert.equal((await wanda.patch(at, { members: [other] })).status, 200);
    await refused(wanda.patch(at, { members: [other, outside] }), 'pools:write');
    await refused(wanda.post('/pools', { name: 'wide', members: [one, outside] }), 'pools:write');
    const wide = await admin().post('/pools', { name: 'wide', members: [outside, one] });
    await refused(wanda.delete(`/pools/${wide.body.id}`), 'pools:write');
    await refused(wanda.post(`/pools/${wide.body.id}/allocations`, {}), 'allocation:write');
    assert.equal((await wanda.post(`${at}/allocations`, {})).status, 201);
  });

  it('does not stop what follows from a change inside: parents, homes, and pools that a subnet drops out of', async () => {
    const { body: made } = await wanda.post('/subnets', { cidr: '10.20.200.0/24', vrf: 'blue' });
    const pool = await admin().post('/pools', { name: 'both', members: [made.id, subnet('10.30.1.0/24')] });
    const held = await admin().post('/addresses', { address: '10.20.200.5', vrf: 'blue' });
    assert.equal((await wanda.delete(`/subnets/${made.id}?cascade=rehome`)).status, 204);
    assert.deepEqual((await admin().get(`/pools/${pool.body.id}`)).body.members, [subnet('10.30.1.0/24')]);
    const { subnetId, version } = (await admin().get(`/addresses/${held.body.id}`)).body;
    assert.deepEqual([subnetId, version], [subnet('10.20.0.0/16'), 1]);
    assert.equal((await wanda.post('/subnets', { cidr: '10.20.200.0/24', vrf: 'blue' })).status, 201);
  });

  it('is no role less than one’s own, and that of an admin deletes with everything inside', async () => {
    const erwin = await signedIn(register, 'erwin', 'engineer');
    await give(register, erwin.id, '10.20.2.0/23', 'admin');
    const client = await clientOf(register, erwin.email);
    assert.equal((await client.patch(`/subnets/${subnet('10.30.1.0/24')}`, { name: 'Any' })).status, 200);
    const outside = await client.delete(`/subnets/${subnet('10.30.1.0/24')}?cascade=delete`);
    assert.deepEqual([outside.status, outside.body.permission], [403, 'subnets:delete-branch']);
    const inside = await client.delete(`/subnets/${subnet('10.20.2.0/24')}?cascade=delete`);
    assert.equal(inside.status, 204, JSON.stringify(inside.body));
  });

  it('is on one branch, where another role is on another: each permission counts where it is given', async () => {
    const both = await signedIn(register, 'both');
    await give(register, both.id, '10.20.0.0/16');
    await give(register, both.id, '10.40.0.0/16', 'admin');
    const client = await clientOf(register, both.email);
    for (const cidr of ['10.20.70.0/24', '10.40.70.0/24']) {
      const { body } = await client.post('/subnets', { cidr, vrf: 'blue' });
      const { status } = await client.delete(`/subnets/${body.id}?cascade=delete`);
      assert.equal(status, cidr.startsWith('10.40') ? 204 : 403, cidr);
    }
  });

  it('is written in the audit log like any other, and a refusal is not', async () => {
    const count = async () =>
      (await register.db.query<{ n: number }>('SELECT count(*) AS n FROM audit_log'))[0]?.n ?? 0;
    const before = await count();
    await wanda.patch(`/subnets/${subnet('10.30.1.0/24')}`, { name: 'Nobody' });
    assert.equal(await count(), before);
    await wanda.patch(`/subnets/${subnet('10.20.1.0/24')}`, { name: 'Somebody' });
    assert.equal(await count(), before + 1);
  });

  it('lets one take changes back inside, whoever made them, and nothing of a change that reaches outside', async () => {
    const undo = async (made: ReturnType<Client['get']>, query = '', headers = {}) => {
      const { headers: answered } = await made;
      return wanda.post(`/changes/${answered['x-change-id']}/revert${query}`, undefined, headers);
    };
    const rename = (...ids: number[]) =>
      admin().patch(
        '/subnets',
        ids.map((id) => ({ id, name: `Named ${Math.random()}` })),
      );
    const [inside, outside] = [subnet('10.20.1.0/24'), subnet('10.30.1.0/24')];
    assert.equal((await undo(rename(inside), '?dryRun=true')).status, 200);
    assert.equal((await undo(rename(inside))).status, 200);
    assert.equal((await undo(rename(inside), '', { 'Idempotency-Key': 'undo-1' })).status, 200);
    const before = (await admin().get(`/subnets/${inside}`)).body.name;
    await refused(undo(rename(outside)), 'subnets:write');
    await refused(undo(rename(outside), '?dryRun=true'), 'subnets:write');
    await refused(undo(rename(outside), '', { 'Idempotency-Key': 'undo-2' }), 'subnets:write');
    const both = rename(inside, outside);
    await refused(undo(both), 'subnets:write');
    assert.notEqual((await admin().get(`/subnets/${inside}`)).body.name, before);
    const vrf = await undo(admin().patch(`/vrfs/${land.blue}`, { description: 'Blue' }));
    assert.deepEqual([vrf.status, vrf.body.permission], [403, 'vrfs:write']);
  });

  it('leaves a transaction of a person in psql, and every other, as it was', async () => {
    await register.db.query("UPDATE subnet SET name = 'By hand' WHERE cidr = '10.30.1.0/24'");
    const rows = await register.db.query<{ at: string }>(
      "SELECT current_setting('cadastre.branches', true) AS at",
    );
    assert.ok(rows.every(({ at }) => !at));
  });
});
