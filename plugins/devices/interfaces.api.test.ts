import assert from 'node:assert/strict';
import fc from 'fast-check';
import { startTestRegister, type TestRegister } from '#core/testing';
import { devices } from './index.ts';

type Answered = { status: number; body: Record<string, unknown> & { type?: string } };
type Named = { name: string };

describe('interfaces', () => {
  let register: TestRegister;
  let core: number;
  before(async () => {
    register = await startTestRegister([devices]);
  });
  after(() => register.stop());
  beforeEach(async () => {
    await register.db.query('DELETE FROM device');
    core = (await engineer().post('/devices', { name: 'core-1' })).body.id;
  });

  const engineer = () => register.as('engineer');
  const plug = async (body: object, device = core) => {
    const answer = await engineer().post(`/devices/${device}/interfaces`, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const names = async (path: string) => {
    const answer = await engineer().get(path);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return (answer.body.items as Named[]).map(({ name }) => name).join(' ');
  };
  const refusal = ({ status, body }: Answered) => `${status} ${body.type?.split(':').at(-1)} ${body.detail}`;
  const messages = ({ status, body }: Answered) =>
    `${status} ${((body.errors ?? []) as { path: string; message: string }[])
      .map(({ path, message }) => `${path}: ${message}`)
      .join(' ')}`;

  it('are plugged into a device, enabled unless told', async () => {
    const { id, createdAt, updatedAt, createdBy, updatedBy, ...port } = await plug({
      name: 'Gi1/0/1',
      type: '1000base-t',
      mac: '001A.2B3C.4D5E',
      mtu: 9000,
      speed: 1_000_000,
      description: 'Uplink',
    });
    assert.deepEqual(port, {
      deviceId: core,
      name: 'Gi1/0/1',
      type: '1000base-t',
      mac: '00:1a:2b:3c:4d:5e',
      enabled: true,
      mtu: 9000,
      speed: 1_000_000,
      description: 'Uplink',
      tags: [],
      metadata: {},
      customFields: {},
      version: 1,
    });
    const { body, headers } = await engineer().get(`/interfaces/${id}`);
    assert.deepEqual(body, { id, createdAt, updatedAt, createdBy, updatedBy, ...port });
    assert.ok(headers.etag);
    const { body: other } = await engineer().post('/interfaces', { device: 'core-1', name: 'Gi1/0/2' });
    assert.equal(other.deviceId, core);
  });

  it('take a MAC in every notation, and answer it in one', async () => {
    const { id } = await plug({ name: 'eth0' });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 6, maxLength: 6 }),
        fc.constantFrom(':', '-', '', '.'),
        fc.boolean(),
        async (bytes, by, inCapitals) => {
          const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
          const text = by === '.' ? (pairs.join('').match(/.{4}/g) ?? []).join('.') : pairs.join(by);
          const { status, body } = await engineer().patch(`/interfaces/${id}`, {
            mac: inCapitals ? text.toUpperCase() : text,
          });
          assert.deepEqual([status, body.mac], [200, pairs.join(':')]);
          assert.equal(await names(`/interfaces?mac=${encodeURIComponent(text)}`), 'eth0');
        },
      ),
      { numRuns: 20 },
    );
    assert.equal((await engineer().patch(`/interfaces/${id}`, { mac: null })).body.mac, null);
    assert.equal(
      messages(await engineer().patch(`/interfaces/${id}`, { mac: '00:1a:2b' })),
      '422 body.mac: "00:1a:2b" is not a MAC address: 12 hexadecimal digits, as in 00:1a:2b:3c:4d:5e.',
    );
  });

  it('are listed as people count: by device, and over all', async () => {
    const { body: leaf } = await engineer().post('/devices', { name: 'leaf-1' });
    await plug([
      { name: 'Gi1/0/10' },
      { name: 'Gi1/0/2', mac: '00:00:00:00:00:02' },
      { name: 'Gi1/0/1', enabled: false },
    ]);
    await plug({ name: 'eth0', type: 'virtual' }, leaf.id);
    assert.equal(await names(`/devices/${core}/interfaces`), 'Gi1/0/1 Gi1/0/2 Gi1/0/10');
    assert.equal(await names(`/devices/${core}/interfaces?sort=-name`), 'Gi1/0/10 Gi1/0/2 Gi1/0/1');
    assert.equal(await names('/interfaces'), 'eth0 Gi1/0/1 Gi1/0/2 Gi1/0/10');
    assert.equal(await names('/interfaces?device=leaf-1'), 'eth0');
    assert.equal(await names(`/interfaces?device=${core}&enabled=true`), 'Gi1/0/2 Gi1/0/10');
    assert.equal(await names(`/interfaces?deviceId=${leaf.id}`), 'eth0');
    assert.equal(await names('/interfaces?type=virtual'), 'eth0');
    assert.equal(await names('/interfaces?mac=0000.0000.0002'), 'Gi1/0/2');
    assert.equal(await names('/interfaces?mac__empty=false'), 'Gi1/0/2');
    assert.equal(await names(`/devices/${core}/interfaces?name__contains=gi1/0/1`), 'Gi1/0/1 Gi1/0/10');
    const { body } = await engineer().get('/interfaces?include=device&limit=1&count=exact');
    assert.deepEqual([body.items[0].device.name, body.total], ['leaf-1', 4]);
    assert.equal((await engineer().get('/devices/999999/interfaces')).status, 404);
  });

  it('have a name of their own on the device', async () => {
    const first = await plug({ name: 'eth0' });
    const second = await plug({ name: 'eth1' });
    const again = await engineer().post(`/devices/${core}/interfaces`, { name: ' eth0 ' });
    assert.equal(
      refusal(again),
      '409 interface-taken The device has an interface of this name; choose another name.',
    );
    const renamed = await engineer().patch(`/interfaces/${second.id}`, { name: 'eth0' });
    assert.equal(renamed.status, 409);
    const list = await engineer().post(`/devices/${core}/interfaces?mode=partial`, [
      { name: 'eth0' },
      { name: 'eth2' },
    ]);
    assert.equal(list.status, 207, JSON.stringify(list.body));
    assert.equal(await names(`/devices/${core}/interfaces`), 'eth0 eth1 eth2');
    const { body: leaf } = await engineer().post('/devices', { name: 'leaf-1' });
    await plug({ name: 'eth0' }, leaf.id);
    assert.equal((await plug({ name: '7' })).name, '7');
    assert.equal(first.name, 'eth0');
  });

  it('are refused where the device is unknown, or a value is out of range', async () => {
    assert.equal((await engineer().post('/devices/999999/interfaces', { name: 'eth0' })).status, 404);
    assert.match(messages(await engineer().post('/interfaces', { name: 'eth0' })), /^422 body/);
    assert.match(
      messages(await engineer().post('/interfaces', { name: 'eth0', device: 'gone' })),
      /^422 .*gone/,
    );
    const wrong = await engineer().post(`/devices/${core}/interfaces`, {
      name: '',
      mtu: 20,
      speed: -1,
      mac: 'x',
      vlan: 7,
    });
    const paths = (wrong.body.errors as { path: string }[]).map(({ path }) => path).sort();
    assert.deepEqual(paths, ['body.mac', 'body.mtu', 'body.name', 'body.speed', 'body.vlan']);
    const { body: leaf } = await engineer().post('/devices', { name: 'leaf-1' });
    const moved = await engineer().patch(`/interfaces/${(await plug({ name: 'eth0' })).id}`, {
      deviceId: leaf.id,
    });
    assert.equal(
      refusal(moved),
      '409 interface-stays An interface stays at its device; delete it, and make one at the other.',
    );
  });

  it('change and go by who knows the current version', async () => {
    const { id } = await plug({ name: 'eth0' });
    const { status, body } = await engineer().patch(`/interfaces/${id}`, { enabled: false, mtu: null });
    assert.deepEqual([status, body.enabled, body.version], [200, false, 2]);
    assert.equal(
      (await engineer().patch(`/interfaces/${id}`, { mtu: 1500 }, { 'If-Match': '"1"' })).status,
      412,
    );
    const many = await engineer().patch('/interfaces', [{ id, mtu: 1500 }]);
    assert.equal(many.status, 200, JSON.stringify(many.body));
    assert.equal(
      (await engineer().delete(`/interfaces/${id}`, undefined, { 'If-Match': '"2"' })).status,
      412,
    );
    assert.equal((await engineer().delete(`/interfaces/${id}?dryRun=true`)).status, 204);
    assert.equal((await register.as('viewer').delete(`/interfaces/${id}`)).status, 403);
    assert.equal((await engineer().delete(`/interfaces/${id}`)).status, 204);
    assert.equal((await engineer().get(`/interfaces/${id}`)).status, 404);
  });
});
