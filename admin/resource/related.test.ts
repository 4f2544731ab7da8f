import assert from 'node:assert/strict';
import { builtInPlugins } from '#config/plugins';
import { startTestPanel, type TestPanel } from '../testing/resources.ts';
import { relatedTo } from './related.ts';

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
