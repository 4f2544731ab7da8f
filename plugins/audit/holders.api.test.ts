import assert from 'node:assert/strict';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { subnets } from '#plugins/subnets';
import { audit } from './index.ts';
import { inShort, logReader } from './testing/log.ts';

describe('the log of who holds an address', () => {
  let register: TestRegister;
  let engineer: Client;
  let written: ReturnType<typeof logReader>;
  const ids: Record<string, number> = {};
  before(async () => {
    register = await startTestRegister([subnets, allocation, audit]);
    engineer = register.as('engineer');
    for (const name of ['lb-1', 'lb-2', 'lb-3']) {
      const [row] = await register.db.query<{ id: number }>(
        'INSERT INTO device (name) VALUES ($1) RETURNING id',
        [name],
      );
      ids[name] = row?.id ?? 0;
    }
    await engineer.post('/subnets', { cidr: '10.0.0.0/24' });
    written = logReader(register.db.query);
    await written();
  });
  after(() => register.stop());

  const revert = async ({ headers }: { headers: Record<string, string> }) => {
    const { status, body } = await engineer.post(`/changes/${headers['x-change-id']}/revert`);
    assert.equal(status, 200, JSON.stringify(body));
  };
  const holders = async (id: number) =>
    (await engineer.get(`/addresses/${id}/assignments`)).body.items.map(
      ({ device, own }: { device: { name: string }; own: boolean }) => `${device.name}${own ? '*' : ''}`,
    );

  it('has one line for an address that moves from one device to another, and takes it back', async () => {
    const { body } = await engineer.post('/addresses', { address: '10.0.0.2', device: 'lb-1' });
    await written();
    const moved = await engineer.patch(`/addresses/${body.id}`, { device: 'lb-2' });
    const lines = await written();
    assert.deepEqual(lines.map(inShort), ['update address 10.0.0.2']);
    assert.deepEqual([lines[0]?.before?.device_id, lines[0]?.after?.device_id], [ids['lb-1'], ids['lb-2']]);
    await revert(moved);
    assert.deepEqual(await holders(body.id), ['lb-1*']);
  });

  it('has further holders as they come and go, and with the address', async () => {
    const { body } = await engineer.post('/addresses', { address: '10.0.0.3', device: 'lb-1', role: 'vip' });
    const first = await engineer.post(`/addresses/${body.id}/assignments`, { device: 'lb-2' });
    await engineer.post(`/addresses/${body.id}/assignments`, { device: 'lb-3' });
    await written();
    const released = await engineer.post(`/addresses/${body.id}/release`);
    assert.deepEqual((await written()).map(inShort).sort(), [
      'delete address-assignment lb-2',
      'delete address-assignment lb-3',
      'update address 10.0.0.3',
    ]);
    assert.deepEqual(await holders(body.id), []);
    await revert(released);
    assert.deepEqual(await holders(body.id), ['lb-1*', 'lb-2', 'lb-3']);
    const deleted = await engineer.delete(`/addresses/${body.id}`);
    await revert(deleted);
    assert.deepEqual(await holders(body.id), ['lb-1*', 'lb-2', 'lb-3']);
    await written();
    await revert(first);
    const lines = await written();
    assert.deepEqual(lines.map(inShort), ['delete address-assignment lb-2']);
    assert.deepEqual(lines[0]?.key, { address: '10.0.0.3', device: 'lb-2' });
    const life = await register.as('auditor').get(`/history/address-assignment?address=10.0.0.3&device=lb-2`);
    assert.deepEqual([life.status, life.body.items?.length], [200, 6], JSON.stringify(life.body));
  });

  it('takes back that a device was deleted and all that it held was freed', async () => {
    const { body: device } = await engineer.post('/devices', { name: 'lb-9' });
    await engineer.post(`/devices/${device.id}/interfaces`, { name: 'eth0' });
    const ids: number[] = [];
    for (const [address, more] of [
      ['10.0.0.20', { device: 'lb-9', interface: 'eth0', role: 'primary' }],
      ['10.0.0.21', { device: 'lb-9', hostname: 'vip', role: 'vip' }],
      ['10.0.0.22', { device: 'lb-1', role: 'anycast' }],
    ] as const)
      ids.push((await engineer.post('/addresses', { address, ...more })).body.id);
    await engineer.post(`/addresses/${ids[1]}/assignments`, { device: 'lb-2' });
    await engineer.post(`/addresses/${ids[2]}/assignments`, { device: 'lb-9', interface: 'eth0' });
    const records = async () => {
      const { items } = (
        await engineer.get(
          '/addresses?within=10.0.0.16/28&include=device,interface,assignments&fields=address,status,role,hostname',
        )
      ).body;
      return JSON.parse(JSON.stringify(items), (key, value) => (key === 'version' ? undefined : value));
    };
    const before = await records();
    const gone = await engineer.delete(`/devices/${device.id}?addresses=release`);
    assert.equal(gone.status, 204, JSON.stringify(gone.body));
    assert.deepEqual(
      (await records()).map(({ status }: { status: string }) => status),
      ['free', 'assigned', 'assigned'],
    );
    await revert(gone);
    assert.deepEqual(await records(), before);
  });
});
