import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';
import { type Inventory, inventory } from './testing/inventory.ts';

type Answer = Awaited<ReturnType<ReturnType<TestRegister['as']>['get']>>;
const refusal = ({ status, body }: Answer) => `${status} ${body.type?.split(':').at(-1)}: ${body.detail}`;

describe('the holders of an address', () => {
  let register: TestRegister;
  let engineer: ReturnType<TestRegister['as']>;
  let ids: Inventory;
  before(async () => {
    register = await startTestRegister([subnets]);
    engineer = register.as('engineer');
    ids = await inventory(register.db.query, { 'lb-1': ['eth0'], 'lb-2': ['eth0'], 'lb-3': [] });
    await engineer.post('/subnets', { cidr: '10.0.0.0/16' });
  });
  after(() => register.stop());

  let host = 0;
  const add = async (body: object = {}) => {
    const answer = await engineer.post('/addresses', { address: `10.0.0.${++host}`, ...body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body as { id: number; address: string };
  };
  const at = ({ id }: { id: number }) => `/addresses/${id}/assignments`;
  /** `lb-1*` is the address's own, `lb-2 eth0` a further one. */
  const holders = async (address: { id: number }) => {
    const { body } = await engineer.get(at(address));
    return body.items
      .map((each: { own: boolean; device: { name: string }; interface: { name: string } | null }) =>
        [`${each.device.name}${each.own ? '*' : ''}`, each.interface?.name].filter(Boolean).join(' '),
      )
      .join(', ');
  };

  for (const role of ['vip', 'anycast']) {
    it(`are several of one that is ${role}`, async () => {
      const address = await add({ role, device: 'lb-1', interface: 'eth0' });
      const made = await engineer.post(at(address), { device: 'lb-2', interface: 'eth0' });
      const { createdAt, createdBy, ...rest } = made.body;
      assert.deepEqual(rest, {
        id: made.body.id,
        addressId: address.id,
        own: false,
        deviceId: ids['lb-2'],
        device: { id: ids['lb-2'], name: 'lb-2' },
        interfaceId: ids['lb-2 eth0'],
        interface: { id: ids['lb-2 eth0'], name: 'eth0' },
        version: 1,
      });
      assert.deepEqual([made.status, made.headers.location], [201, `/api/v1${at(address)}/${made.body.id}`]);
      assert.ok(createdAt && createdBy);
      assert.equal((await engineer.post(at(address), { deviceId: ids['lb-3'] })).status, 201);
      assert.equal(await holders(address), 'lb-1* eth0, lb-2 eth0, lb-3');
      for (const device of ['lb-1', 'lb-2']) {
        const twice = await engineer.post(at(address), { device });
        const right = device === 'lb-1' ? '; send "move": true to take it from there' : '';
        assert.equal(
          refusal(twice),
          `409 address-held: ${address.address} is held by ${device} (eth0) already${right}.`,
        );
      }
      const first = await engineer.get(`${at(address)}?limit=1`);
      const second = await engineer.get(`${at(address)}?limit=1&cursor=${first.body.nextCursor}`);
      assert.deepEqual([first.body.items[0].own, second.body.items[0].deviceId], [true, ids['lb-2']]);
      const gone = await engineer.delete(`${at(address)}/${made.body.id}`);
      assert.equal(gone.status, 204);
      assert.equal(await holders(address), 'lb-1* eth0, lb-3');
      assert.equal(
        refusal(await engineer.delete(`${at(address)}/${made.body.id}`)),
        `404 not-found: The address ${address.id} has no further holder ${made.body.id}.`,
      );
    });
  }

  it('are all further ones where a vip has none of its own', async () => {
    const address = await add({ role: 'vip' });
    for (const device of ['lb-1', 'lb-2']) await engineer.post(at(address), { device });
    assert.equal(await holders(address), 'lb-1, lb-2');
    const own = await engineer.patch(`/addresses/${address.id}`, { device: 'lb-1' });
    assert.equal(refusal(own), '409 address-held: The device is one of the holders of this address already.');
  });

  it('are embedded up to a hundred, and listed all', async () => {
    const address = await add({ role: 'anycast', device: 'lb-1' });
    await register.db.query(`INSERT INTO device (name) SELECT 'many-' || n FROM generate_series(1, 150) n`);
    await register.db.query(
      `INSERT INTO address_assignment (address_id, device_id)
         SELECT $1, id FROM device WHERE name LIKE 'many-%' AND name <> 'many-150'`,
      [address.id],
    );
    const { body } = await engineer.get(`/addresses/${address.id}?include=assignments`);
    assert.deepEqual([body.assignments.length, body.assignments[0].device.name], [100, 'lb-1']);
    assert.equal((await engineer.get(`${at(address)}?limit=1000`)).body.items.length, 150);
    const twice = await engineer.post(at(address), { device: 'many-149' });
    assert.deepEqual([twice.status, twice.body.holder.device.name], [409, 'many-149']);
    assert.equal((await engineer.post(at(address), { device: 'many-150' })).status, 201);
  });

  it('is one of any other, which moves from one to another in one call', async () => {
    const address = await add();
    const first = await engineer.post(at(address), { device: 'lb-1', interface: 'eth0' });
    assert.deepEqual([first.status, first.body.own, first.body.id], [201, true, null]);
    const { body } = await engineer.get(`/addresses/${address.id}`);
    assert.deepEqual([body.deviceId, body.interfaceId, body.version], [ids['lb-1'], ids['lb-1 eth0'], 2]);
    const held = await engineer.post(at(address), { device: 'lb-2' });
    assert.equal(
      refusal(held),
      `409 address-held: ${address.address} is held by lb-1 (eth0) already; send "move": true to take it from there.`,
    );
    assert.equal(held.body.holder.deviceId, ids['lb-1']);
    assert.equal((await engineer.post(at(address), { device: 'lb-2', move: true })).status, 201);
    assert.equal(await holders(address), 'lb-2*');
    assert.equal((await engineer.get(`/addresses/${address.id}`)).body.interfaceId, null);
  });

  it('cannot be said of an address that is free, nor without a device', async () => {
    const { id, address } = await add();
    await register.db.query(`UPDATE address SET status = 'free' WHERE id = $1`, [id]);
    assert.equal(
      refusal(await engineer.post(at({ id }), { device: 'lb-1' })),
      `409 address-free: ${address} is free, and so nobody's; hand it out, or register it, first.`,
    );
    assert.equal(
      refusal(await engineer.patch(`/addresses/${id}`, { device: 'lb-1' })),
      `409 address-free: ${address} is free, and so nobody's; hand it out, or set its status in the same request.`,
    );
    const both = await engineer.patch(`/addresses/${id}`, { device: 'lb-1', status: 'assigned' });
    assert.deepEqual([both.status, both.body.deviceId], [200, ids['lb-1']]);
    const nobody = await engineer.post(at({ id }), { move: true });
    assert.equal(
      nobody.body.errors[0].message,
      'Say which device is to hold it: deviceId, device or interfaceId',
    );
    assert.equal((await engineer.get('/addresses/999999/assignments')).status, 404);
    assert.equal((await engineer.post('/addresses/999999/assignments', { device: 'lb-1' })).status, 404);
  });

  it('keep an address a vip or anycast, until they are taken away', async () => {
    const address = await add({ role: 'vip' });
    const { body: made } = await engineer.post(at(address), { device: 'lb-1' });
    for (const role of [null, 'primary', 'gateway']) {
      assert.equal(
        refusal(await engineer.patch(`/addresses/${address.id}`, { role })),
        `409 address-shared: ${address.address} is held by further devices, as only a vip or anycast is; take those away first.`,
      );
    }
    assert.equal((await engineer.patch(`/addresses/${address.id}`, { role: 'anycast' })).status, 200);
    const stale = await engineer.delete(`${at(address)}/${made.id}`, undefined, { 'If-Match': '"7"' });
    assert.equal(stale.status, 412);
    await engineer.delete(`${at(address)}/${made.id}?dryRun=true`);
    assert.equal(await holders(address), 'lb-1');
    await engineer.delete(`${at(address)}/${made.id}`);
    assert.equal((await engineer.patch(`/addresses/${address.id}`, { role: null })).status, 200);
  });

  it('go with the address', async () => {
    const address = await add({ role: 'vip' });
    await engineer.post(at(address), { device: 'lb-1' });
    assert.equal((await engineer.delete(`/addresses/${address.id}`)).status, 204);
    assert.deepEqual(
      await register.db.query('SELECT FROM address_assignment WHERE address_id = $1', [address.id]),
      [],
    );
  });

  it('have their addresses listed, those that they share among them', async () => {
    const [device] = await register.db.query<{ id: number }>(
      `INSERT INTO device (name) VALUES ('listed') RETURNING id`,
    );
    const own = await add({ deviceId: device?.id, hostname: 'own' });
    const shared = await add({ role: 'vip', device: 'lb-1', hostname: 'shared' });
    await engineer.post(at(shared), { deviceId: device?.id });
    await add({ device: 'lb-1' });
    const list = async (query = '') =>
      (await register.as('viewer').get(`/devices/${device?.id}/addresses${query}`)).body;
    const hostnames = ({ items }: { items: { hostname: string }[] }) => items.map(({ hostname }) => hostname);
    assert.deepEqual(hostnames(await list()), ['own', 'shared']);
    assert.deepEqual(hostnames(await list('?sort=-address')), ['shared', 'own']);
    assert.deepEqual(hostnames(await list('?role=vip')), ['shared']);
    const first = await list('?limit=1&count=exact&include=assignments');
    assert.deepEqual([first.items[0].id, first.total, first.items[0].assignments.length], [own.id, 2, 1]);
    assert.deepEqual(hostnames(await list(`?limit=1&cursor=${first.nextCursor}`)), ['shared']);
    assert.equal((await engineer.get('/devices/999999/addresses')).body.detail, 'There is no device 999999.');
  });

  describe('written by hand', () => {
    const refused = (text: string, said: RegExp) =>
      assert.rejects(register.db.query(text), { message: said });

    it('are none of an address that is neither vip nor anycast, nor of one that is not there', async () => {
      const plain = await add();
      const insert = (id: number) =>
        `INSERT INTO address_assignment (address_id, device_id) VALUES (${id}, ${ids['lb-1']})`;
      await refused(insert(plain.id), /address_is_shared/);
      await refused(insert(999999), /address_assignment_address_fkey|address_is_shared/);
      const vip = await add({ role: 'vip', device: 'lb-1' });
      await refused(insert(vip.id), /one like it|address_assignment_key/);
      await refused(
        `INSERT INTO address_assignment (address_id, device_id, interface_id) VALUES (${vip.id}, ${ids['lb-3']}, ${ids['lb-2 eth0']})`,
        /address_assignment_interface_fkey|refers to/,
      );
    });

    it('never name an interface without its device, nor hold what is free', async () => {
      const { id } = await add({ device: 'lb-1' });
      await refused(`UPDATE address SET status = 'free' WHERE id = ${id}`, /address_free_check/);
      await refused(
        `UPDATE address SET device_id = NULL, interface_id = ${ids['lb-1 eth0']} WHERE id = ${id}`,
        /address_interface_check/,
      );
      await refused(
        `UPDATE address SET interface_id = ${ids['lb-2 eth0']} WHERE id = ${id}`,
        /address_interface_fkey|refers to/,
      );
      await refused(`DELETE FROM device WHERE id = ${ids['lb-1']}`, /refers to/);
      const vip = await add({ role: 'vip' });
      await register.db.query(`UPDATE address SET status = 'free' WHERE id = ${vip.id}`);
      await refused(
        `INSERT INTO address_assignment (address_id, device_id) VALUES (${vip.id}, ${ids['lb-1']})`,
        /address_free_check/,
      );
    });

    it('and a change of role wait for each other', async () => {
      const { id } = await add({ role: 'vip' });
      const change = `UPDATE address SET role = NULL WHERE id = ${id}`;
      const insert = `INSERT INTO address_assignment (address_id, device_id) VALUES (${id}, ${ids['lb-1']})`;
      for (const [first, second, said] of [
        [insert, change, /held by further devices/],
        [change, insert, /neither vip nor anycast/],
      ] as const) {
        await register.db.query('DELETE FROM address_assignment WHERE address_id = $1', [id]);
        await register.db.query(`UPDATE address SET role = 'vip' WHERE id = $1`, [id]);
        let other: Promise<unknown> | undefined;
        await register.owner.withConnection(async (connection) => {
          await connection.query('BEGIN');
          await connection.query(first);
          other = register.owner
            .lend((late) => late.query(second))
            .then(
              () => 'done',
              (fault: Error) => fault.message,
            );
          await new Promise((resolve) => setTimeout(resolve, 100));
          await connection.query('COMMIT');
        });
        assert.match(String(await other), said);
      }
    });
  });
});
