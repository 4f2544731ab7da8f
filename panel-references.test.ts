import assert from 'node:assert/strict';
import { builtInPlugins } from '#config/plugins';
import { relatedTo } from './admin/resource/related.ts';
import { startTestPanel, type TestPanel } from './admin/testing/resources.ts';

describe('a record whose title many others have', () => {
  let panel: TestPanel;
  let vlan: { id: number };
  before(async () => {
    panel = await startTestPanel([...builtInPlugins]);
    const api = panel.register.as('engineer');
    for (const name of ['oslo', 'bergen']) {
      await api.post('/vlan-groups', { name });
      await api.post('/vlans', { group: name, vid: 100, name: 'Servers' });
      await api.post('/devices', { name: `${name}-sw1` });
      const { body } = await api.get(`/devices?name=${name}-sw1`);
      await api.post(`/devices/${body.items[0].id}/interfaces`, { name: 'Gi1/0/2' });
    }
    ({ body: vlan } = await api.post('/vlans', { group: 'oslo', vid: 200, name: 'Clients' }));
  });
  after(() => panel.register.stop());

  const titles = async (resource: string, typed: string) =>
    (await panel.resource(resource).choices(typed, panel.as('viewer'))).map((record) => record.title());

  it('is told with what tells it apart', async () => {
    const record = await panel.resource('Vlan').findOne(String(vlan.id), panel.as('viewer'));
    assert.equal(record?.title(), 'Clients (oslo/200)');
  });

  it('is offered with it, and found by any of it', async () => {
    assert.deepEqual(await titles('Vlan', 'serv'), ['Servers (oslo/100)', 'Servers (bergen/100)']);
    assert.deepEqual(await titles('Vlan', '200'), ['Clients (oslo/200)']);
    assert.deepEqual(await titles('Vlan', 'oslo/100'), ['Servers (oslo/100)']);
    assert.deepEqual(await titles('Vlan', 'Servers (bergen/100)'), ['Servers (bergen/100)']);
    assert.deepEqual(await titles('Interface', 'oslo 1/0/2'), ['Gi1/0/2 (oslo-sw1)']);
    assert.equal((await titles('Interface', '')).length, 2);
    assert.deepEqual(await titles('Vlan', "x' OR 1=1"), []);
    assert.deepEqual(await titles('Vlan', '/'), []);
  });

  it('is offered to nobody who may not see it', async () => {
    await assert.rejects(panel.resource('Vlan').choices('', {} as never), /Sign in/);
  });
});

describe('the page of a record', () => {
  let panel: TestPanel;
  before(async () => {
    panel = await startTestPanel([...builtInPlugins]);
  });
  after(() => panel.register.stop());

  const leadsTo = (name: string) => {
    const all = panel.kernel.registry.models.flatMap((model) => panel.resource(model.name)?.view ?? []);
    return relatedTo(panel.resource(name).view, all).map(
      ({ resource, column, isPlain }) => `${resource}.${column}${isPlain ? '' : ' (named)'}`,
    );
  };

  it('leads to the lists of what refers to it', () => {
    assert.deepEqual(leadsTo('Device'), [
      'Interface.deviceId',
      'Address.deviceId',
      'AddressAssignment.deviceId',
    ]);
    assert.deepEqual(leadsTo('VlanGroup'), ['Vlan.groupId']);
    assert.deepEqual(leadsTo('Vlan'), ['Subnet.vlanId']);
    assert.deepEqual(leadsTo('Tag'), []);
  });

  it('says by what, where the kind alone does not', () => {
    assert.deepEqual(leadsTo('Site'), ['Site.parentId (named)', 'VlanGroup.siteId', 'Device.siteId']);
  });
});
