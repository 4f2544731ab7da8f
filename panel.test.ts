import assert from 'node:assert/strict';
import { builtInPlugins, delegation, subnets, users } from '#config/plugins';
import type { Principal } from '#core';
import { devices } from '#plugins/devices';
import { branchOf } from '#plugins/subnets';
import {
  removeAsChosen,
  startTestPanel,
  type TestPanel,
  ValidationError,
} from './admin/testing/resources.ts';

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

  it('asks what becomes of what a record holds, where its route takes such a choice, and does as was chosen', async () => {
    const subnet = panel.resource('Subnet');
    assert.deepEqual(
      subnet.view.removal.map(({ name, options }) => [name, ...options]),
      [['cascade', 'rehome', 'delete']],
    );
    assert.deepEqual(panel.resource('Vrf').view.removal, []);
    const [home] = await panel.list('Subnet', { cidr: '10.0.0.0/8' });
    const above = await subnet.create({ cidr: '10.0.0.0/16' }, panel.as('engineer'));
    const record = { id: () => home?.id, toJSON: () => ({}) };
    const remove = async (payload: object, role: 'engineer' | 'viewer' = 'engineer') => {
      const h = { resourceUrl: () => '/admin/resources/Subnet' };
      const context = { ...panel.as(role), record, h } as never;
      const request = { method: 'post', payload } as never;
      const answer = await removeAsChosen(subnet)(request, undefined, context);
      return `${answer.notice?.type}: ${answer.notice?.message}`;
    };
    assert.match(await remove({}), /^error: .*1 address/);
    assert.match(await remove({ cascade: '' }), /^error: .*1 address/);
    assert.match(await remove({ cascade: 'burn' }), /^error: .*cascade/);
    assert.match(await remove({ cascade: 'delete' }), /^error: .*subnets:delete-branch/);
    assert.match(await remove({ cascade: 'rehome' }, 'viewer'), /^error: .*subnets:write/);
    assert.equal(await remove({ cascade: 'rehome' }), 'success: successfullyDeleted');
    const [address] = await panel.list('Address', { address: '10.0.0.9' });
    assert.equal(address?.subnetId, above.id);
  });

  it('shows the forms to whoever has a role on a branch, and keeps to the branch, one by one and many at once', async () => {
    const branched = await startTestPanel([users, subnets, delegation]);
    try {
      const { register, kernel, resource } = branched;
      const [inside, outside] = await Promise.all(
        ['10.20.0.0/24', '10.30.0.0/24'].map(async (cidr) => {
          const { body } = await register.as('admin').post('/subnets', { cidr });
          return body as { id: number; vrfId: number; name: string };
        }),
      );
      assert.ok(inside && outside);
      const branch = branchOf({ vrfId: inside.vrfId, vrf: 'global', cidr: '10.20.0.0/16' });
      const delegated = branched.as('viewer', [{ role: 'engineer', branch }]);
      const subnet = resource('Subnet');
      const { principal } = (delegated as unknown as { currentAdmin: { principal: Principal } }).currentAdmin;
      assert.deepEqual(
        (['create', 'change', 'remove'] as const).map((deed) => [
          subnet.view.may(principal, deed),
          resource('Vrf').view.may(principal, deed),
        ]),
        [1, 2, 3].map(() => [true, false]),
      );
      const refused = (fault: unknown) =>
        fault instanceof ValidationError &&
        /subnets:write is yours on 10\.20\.0\.0\/16 in VRF global alone/.test(fault.baseError?.message ?? '');
      await subnet.create({ cidr: '10.20.1.0/24' }, delegated);
      await assert.rejects(subnet.create({ cidr: '10.31.0.0/24' }, delegated), refused);
      await subnet.update(String(inside.id), { ...inside, name: 'Ours' }, delegated);
      await assert.rejects(
        subnet.update(String(outside.id), { ...outside, name: 'Ours' }, delegated),
        refused,
      );
      await assert.rejects(subnet.delete(String(outside.id), delegated), refused);

      const { bulkEdit } = await import('./admin/resource/bulk.ts');
      const rename = bulkEdit(kernel, subnet);
      const many = async (...ids: number[]) => {
        const records = ids.map((id) => ({ id: () => id, title: () => `subnet ${id}`, toJSON: () => ({}) }));
        const context = { ...delegated, records, h: { resourceUrl: () => '' }, resource: subnet };
        return rename({ method: 'post', payload: { name: 'Many' } } as never, {} as never, context as never);
      };
      await assert.rejects(many(inside.id, outside.id), refused);
      await many(inside.id);
      const names = await register.db.query<{ name: string | null }>('SELECT name FROM subnet ORDER BY cidr');
      assert.deepEqual(
        names.map(({ name }) => name),
        ['Many', null, null],
      );
    } finally {
      await branched.register.stop();
    }
  });

  it('shows and takes the VIDs of a group of VLANs as a person writes them', async () => {
    const group = panel.resource('VlanGroup');
    const made = await group.create({ name: 'access', vidRanges: '300, 100-199,200' }, panel.as('engineer'));
    assert.equal(made.vidRanges, '100-200, 300');
    const changed = await group.update(
      String(made.id),
      { ...made, vidRanges: '100-250' },
      panel.as('engineer'),
    );
    assert.deepEqual([changed.vidRanges, changed.version], ['100-250', 2]);
    for (const [vidRanges, why] of [
      ['5-1', /runs backwards; write 1-5/],
      ['1-5000', /4094/],
      ['', /./],
    ] as const)
      await assert.rejects(
        group.update(String(made.id), { ...changed, vidRanges }, panel.as('engineer')),
        (fault) => {
          assert.ok(fault instanceof ValidationError);
          const told = Object.entries(fault.propertyErrors).find(([name]) => name.startsWith('vidRanges'));
          assert.match(told?.[1].message ?? '', why);
          return true;
        },
      );
    assert.equal(
      (await group.create({ name: 'core', vidRanges: '' }, panel.as('engineer'))).vidRanges,
      '1-4094',
    );
    assert.deepEqual((await panel.list('VlanGroup', { vidRanges: '260' })).map(({ name }) => name).sort(), [
      'core',
      'default',
    ]);
  });

  it('puts a VLAN without a group into default, and shows it with subnets', async () => {
    const vlan = await panel
      .resource('Vlan')
      .create({ vid: '42', groupId: '', name: '' }, panel.as('engineer'));
    assert.equal(vlan.name, 'VLAN0042');
    const subnet = panel.resource('Subnet');
    assert.equal(subnet.property('vlanId')?.reference(), 'Vlan');
    const made = await subnet.create({ cidr: '10.42.0.0/24', vlanId: String(vlan.id) }, panel.as('engineer'));
    assert.equal(made.vlanId, String(vlan.id));
    assert.equal((await panel.list('Subnet', { vlanId: String(vlan.id) })).length, 1);
  });

  it('offers in each form what its route takes', () => {
    const { view } = panel.resource('Subnet');
    assert.ok(view.create.includes('cidr') && !view.change.includes('cidr'));
  });
});

describe('devices and interfaces in the panel', () => {
  let panel: TestPanel;
  before(async () => {
    panel = await startTestPanel([devices]);
  });
  after(() => panel.register.stop());

  it('refer to their site and device, take a MAC in any notation, and hide boxes that are ticked anyway', async () => {
    const [device, port] = [panel.resource('Device'), panel.resource('Interface')];
    assert.equal(device.property('siteId')?.reference(), 'Site');
    assert.equal(port.property('deviceId')?.reference(), 'Device');
    assert.ok(!port.view.create.includes('enabled') && port.view.change.includes('enabled'));
    const engineer = panel.as('engineer');
    const site = await panel.resource('Site').create({ name: 'Oslo' }, engineer);
    const core = await device.create({ name: 'core-1', siteId: site.id }, engineer);
    const made = await port.create({ deviceId: core.id, name: '7', mac: '001A.2B3C.4D5E' }, engineer);
    assert.deepEqual([made.mac, made.enabled], ['00:1a:2b:3c:4d:5e', true]);
    const wrong = port.create({ deviceId: core.id, name: '8', mac: '00:1a' }, engineer);
    await assert.rejects(
      wrong,
      (fault) =>
        fault instanceof ValidationError && /12 hexadecimal/.test(fault.propertyErrors.mac?.message ?? ''),
    );
  });
});

describe('addresses and who holds them in the panel', () => {
  let panel: TestPanel;
  before(async () => {
    panel = await startTestPanel([subnets]);
  });
  after(() => panel.register.stop());

  it('move from one device to another, and leave the interface of the form that nobody touched', async () => {
    const engineer = panel.as('engineer');
    const [device, port, address] = [
      panel.resource('Device'),
      panel.resource('Interface'),
      panel.resource('Address'),
    ];
    await panel.resource('Subnet').create({ cidr: '10.0.0.0/24' }, engineer);
    const [lb1, lb2] = [
      await device.create({ name: 'lb-1' }, engineer),
      await device.create({ name: 'lb-2' }, engineer),
    ];
    const eth0 = await port.create({ deviceId: lb1.id, name: 'eth0' }, engineer);
    assert.equal(address.property('deviceId')?.reference(), 'Device');
    assert.equal(address.property('interfaceId')?.reference(), 'Interface');
    const form = { address: '10.0.0.9', role: 'vip', deviceId: lb1.id, interfaceId: eth0.id };
    const made = await address.create(form, engineer);
    assert.deepEqual((await panel.list('Address', { deviceId: String(lb1.id) })).length, 1);
    const moved = await address.update(String(made.id), { ...made, deviceId: lb2.id }, engineer);
    assert.deepEqual([moved.deviceId, moved.interfaceId], [lb2.id, null]);
    const wrong = address.update(String(made.id), { ...moved, deviceId: '999999' }, engineer);
    await assert.rejects(
      wrong,
      (fault) =>
        fault instanceof ValidationError &&
        /There is no device 999999/.test(fault.propertyErrors.deviceId?.message ?? ''),
    );
    const further = panel.resource('AddressAssignment');
    const held = await further.create(
      { addressId: made.id, deviceId: lb1.id, interfaceId: eth0.id },
      engineer,
    );
    assert.equal((await panel.list('AddressAssignment', { addressId: String(made.id) })).length, 1);
    await assert.rejects(
      further.create({ addressId: made.id, deviceId: lb2.id }, engineer),
      (fault) =>
        fault instanceof ValidationError && /one of the holders/.test(fault.baseError?.message ?? ''),
    );
    await further.delete(String(held.id), engineer);
  });
});

describe('the audit log in the panel', () => {
  let panel: TestPanel;
  before(async () => {
    panel = await startTestPanel(builtInPlugins);
    await panel.resource('Subnet').create({ cidr: '10.0.0.0/24', name: 'Lab' }, panel.as('engineer'));
    const [made] = await panel.list('Subnet', { cidr: '10.0.0.0/24' });
    await panel.resource('Subnet').update(String(made?.id), { ...made, name: 'Office' }, panel.as('admin'));
  });
  after(() => panel.register.stop());

  it('is for admins and auditors to read, the newest first, and for nobody to write', async () => {
    const { view } = panel.resource('AuditLog');
    assert.deepEqual(view.order, { by: 'at', descending: true });
    for (const deed of ['create', 'change', 'remove'] as const)
      assert.ok(!view.may({ id: 1, kind: 'user', name: 'a', role: 'admin' }, deed));
    await assert.rejects(panel.list('AuditLog', {}, 'engineer'));
    const lines = await panel.list('AuditLog', { entity: 'subnet' }, 'auditor');
    assert.deepEqual(lines.map(({ action }) => action).sort(), ['create', 'update']);
  });

  it('is filtered by whole values, and asked for a part it has nothing', async () => {
    assert.equal((await panel.list('AuditLog', { subject: '10.0.0.0/24' })).length, 2);
    assert.equal((await panel.list('AuditLog', { subject: '10.0.0' })).length, 0);
    assert.equal((await panel.list('AuditLog', { actor: 'user:7', action: 'update' })).length, 1);
  });
});
