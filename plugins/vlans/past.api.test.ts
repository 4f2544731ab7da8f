import assert from 'node:assert/strict';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { audit } from '#plugins/audit';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';

interface Answer {
  status: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: each call answers another shape
  body: any;
}

describe('the past of VLANs', () => {
  let register: TestRegister;
  let engineer: Client;
  before(async () => {
    register = await startTestRegister([users, subnets, audit]);
    engineer = register.as('engineer');
  });
  after(() => register.stop());
  afterEach(async () => {
    for (const table of ['subnet', 'vlan']) await register.db.query(`DELETE FROM ${table}`);
    await register.db.query(`DELETE FROM vlan_group WHERE name <> 'default'`);
  });

  const done = (answer: Answer, status: number) => {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return { body: answer.body, change: String(answer.headers['x-change-id']) };
  };
  const revert = (change: string) => register.as('admin').post(`/changes/${change}/revert`, {});
  const history = async (path: string) => (await register.as('auditor').get(`/history/${path}`)).body;

  it('is told by group and VID, with ranges as they travel', async () => {
    const vidRanges = [{ start: 100, end: 199 }];
    const { body: group } = done(await engineer.post('/vlan-groups', { name: 'access', vidRanges }), 201);
    const { body: vlan } = done(
      await engineer.post('/vlans', { group: 'access', vid: 100, name: 'Office' }),
      201,
    );
    done(await engineer.patch(`/vlans/${vlan.id}`, { name: 'Lab' }), 200);
    const life = await history('vlan?group=access&vid=100');
    assert.deepEqual(
      life.items.map(({ action, key }: Answer['body']) => [action, key]),
      ['create', 'update'].map((action) => [action, { group: 'access', vid: 100 }]),
    );
    assert.deepEqual(life.items[1].diff, { name: { before: 'Office', after: 'Lab' } });
    done(await engineer.patch(`/vlan-groups/${group.id}`, { vidRanges: [{ start: 100, end: 149 }] }), 200);
    const [, change] = (await history('vlan-group?name=access')).items;
    assert.deepEqual(change.diff, { vidRanges: { before: vidRanges, after: [{ start: 100, end: 149 }] } });
  });

  it('takes back what was handed out, a group with its VLANs, and ranges that were changed', async () => {
    const made = done(await engineer.post('/vlan-groups', { name: 'access' }), 201);
    const { id } = made.body;
    const handed = done(await engineer.post(`/vlan-groups/${id}/allocations`, { count: 3 }), 201);
    done(await revert(handed.change), 200);
    assert.deepEqual((await engineer.get(`/vlans?groupId=${id}`)).body.items, []);
    const narrowed = done(
      await engineer.patch(`/vlan-groups/${id}`, { vidRanges: [{ start: 5, end: 9 }] }),
      200,
    );
    done(await revert(narrowed.change), 200);
    assert.deepEqual((await engineer.get(`/vlan-groups/${id}`)).body.vidRanges, [{ start: 1, end: 4094 }]);
    const gone = done(await engineer.delete(`/vlan-groups/${id}`), 204);
    done(await revert(gone.change), 200);
    assert.equal((await engineer.get(`/vlan-groups/${id}`)).body.name, 'access');
    done(await engineer.post('/vlans', { groupId: id, vid: 7 }), 201);
    assert.equal((await revert(made.change)).status, 409, 'a VLAN lies in it by now');
  });

  it('gives a subnet its VLAN back', async () => {
    const { body: office } = done(await engineer.post('/vlans', { vid: 10 }), 201);
    const { body: lab } = done(await engineer.post('/vlans', { vid: 20 }), 201);
    const { body: subnet } = done(
      await engineer.post('/subnets', { cidr: '10.0.0.0/24', vlan: 'default/10' }),
      201,
    );
    const moved = done(await engineer.patch(`/subnets/${subnet.id}`, { vlan: 'default/20' }), 200);
    const [, change] = (await history('subnet?vrf=global&cidr=10.0.0.0/24')).items;
    assert.deepEqual(change.diff, { vlanId: { before: office.id, after: lab.id } });
    done(await revert(moved.change), 200);
    assert.equal((await engineer.get(`/subnets/${subnet.id}`)).body.vlanId, office.id);
    const gone = done(await engineer.delete(`/subnets/${subnet.id}`), 204);
    done(await revert(gone.change), 200);
    assert.equal((await engineer.get(`/subnets/${subnet.id}`)).body.vlanId, office.id);
  });
});
