import assert from 'node:assert/strict';
import { subnets } from '#config/plugins';
import { startTestPanel, type TestPanel, ValidationError } from './admin/testing/resources.ts';

describe('a panel resource with a REST collection', () => {
  let panel: TestPanel;
  before(async () => {
    panel = await startTestPanel([subnets]);
  });
  after(() => panel.register.stop());

  it('writes through it: the same message for host bits, the same actor, source and version', async () => {
    const subnet = panel.resource('Subnet');
    await assert.rejects(subnet.create({ cidr: '10.0.0.1/24' }, panel.as('engineer')), (fault) => {
      assert.ok(fault instanceof ValidationError);
      assert.match(fault.propertyErrors.cidr?.message ?? '', /10\.0\.0\.0\/24/);
      return true;
    });
    const made = await subnet.create({ cidr: '10.0.0.0/24', name: 'Lab', vrfId: '' }, panel.as('engineer'));
    assert.equal(made.createdBy, 'user:7');
    const changed = await subnet.update(String(made.id), { ...made, name: 'Lab 2' }, panel.as('engineer'));
    assert.equal(changed.version, 2);
    // Somebody with the old page still open.
    await assert.rejects(
      subnet.update(String(made.id), { ...made, name: 'Lab 3' }, panel.as('engineer')),
      (fault) =>
        fault instanceof ValidationError && /since you opened it/.test(fault.baseError?.message ?? ''),
    );
  });

  it('refuses what REST refuses, with its count, and to the same roles', async () => {
    const subnet = panel.resource('Subnet');
    const [home] = await panel.list('Subnet', { cidr: '10.0.0.0/8' });
    await panel
      .resource('Address')
      .create({ address: '10.0.0.9', hostname: 'a.example' }, panel.as('engineer'));
    await assert.rejects(
      subnet.delete(String(home?.id), panel.as('admin')),
      (fault) => fault instanceof ValidationError && /1 address/.test(fault.baseError?.message ?? ''),
    );
    await assert.rejects(subnet.create({ cidr: '10.1.0.0/24' }, panel.as('viewer')), ValidationError);
    assert.equal((await panel.list('Address', { hostname: 'EXAMPLE' }, 'viewer')).length, 1);
  });

  it('offers in each form what its route takes', () => {
    const { view } = panel.resource('Subnet');
    assert.ok(view.create.includes('cidr') && !view.change.includes('cidr'));
  });
});
