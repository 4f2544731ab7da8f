import assert from 'node:assert/strict';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { delegation } from './index.ts';
import { clientOf, give, makeLand, signedIn } from './testing/people.ts';

describe('who holds addresses of a branch', () => {
  let register: TestRegister;
  let wanda: Client;
  let device: number;
  before(async () => {
    register = await startTestRegister([users, subnets, delegation, allocation]);
    await makeLand(register);
    const { id, email } = await signedIn(register, 'wanda');
    await give(register, id, '10.20.0.0/16');
    wanda = await clientOf(register, email);
    const [row] = await register.db.query<{ id: number }>(
      `INSERT INTO device (name) VALUES ('lb-1'), ('lb-2') RETURNING id`,
    );
    device = row?.id ?? 0;
  });
  after(() => register.stop());

  it('is for those to say who write the branch, and nowhere else', async () => {
    const statusesOf = async (address: string) => {
      const vip = { address, vrf: 'blue', role: 'vip', device: 'lb-2' };
      const { body } = await register.as('admin').post('/addresses', vip);
      const at = `/addresses/${body.id}/assignments`;
      const add = await wanda.post(at, { deviceId: device });
      const made = add.status === 201 ? add : await register.as('admin').post(at, { deviceId: device });
      const replies = [
        add,
        await wanda.delete(`${at}/${made.body.id}`),
        await wanda.patch(`/addresses/${body.id}`, { device: null }),
        await wanda.post(`/addresses/${body.id}/release`),
        await wanda.delete(`/addresses/${body.id}`),
      ];
      return replies.map(({ status }) => status);
    };
    assert.deepEqual(await statusesOf('10.20.1.9'), [201, 204, 200, 200, 204]);
    assert.deepEqual(await statusesOf('10.30.1.9'), [403, 403, 403, 403, 403]);
  });

  it('goes with an address that is released or deleted in it', async () => {
    for (const way of ['release', 'delete']) {
      const vip = { address: '10.20.1.8', vrf: 'blue', role: 'vip' };
      const { body } = await wanda.post('/addresses', vip);
      await wanda.post(`/addresses/${body.id}/assignments`, { deviceId: device });
      const gone =
        way === 'release'
          ? await wanda.post(`/addresses/${body.id}/release`)
          : await wanda.delete(`/addresses/${body.id}`);
      assert.ok(gone.status < 300, `${way}: ${JSON.stringify(gone.body)}`);
      assert.deepEqual(
        await register.db.query('SELECT FROM address_assignment WHERE address_id = $1', [body.id]),
        [],
      );
    }
    const subnet = (await wanda.get('/subnets?cidr=10.20.1.0/24&vrf=blue')).body.items[0];
    const taken = await wanda.post(`/subnets/${subnet.id}/allocations`, { deviceId: device });
    assert.equal(taken.body.addresses[0].deviceId, device);
  });
});
