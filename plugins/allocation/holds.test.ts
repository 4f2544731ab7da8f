import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';

const soon = () => new Date(Date.now() + 3_600_000);

describe('an address that is held back', () => {
  let register: TestRegister;
  let home: number;
  const admin = () => register.as('admin');
  const faults = () =>
    register.db.query('SELECT f.* FROM space_faults((SELECT array_agg(id) FROM subnet)) f');

  before(async () => {
    register = await startTestRegister([subnets, allocation]);
  });
  beforeEach(async () => {
    await register.owner.query('DELETE FROM address; DELETE FROM subnet; DELETE FROM space_hold');
    home = (await admin().post('/subnets', { cidr: '10.0.0.0/24' })).body.id;
  });
  afterEach(async () => assert.deepEqual(await faults(), []));
  after(() => register.stop());

  const hold = (addresses: string[], until: Date | null = soon()) =>
    register.host.transact(testCaller(), (tx) =>
      register.host.api(subnets).space.hold(tx, 1, addresses, until),
    );
  const take = async (count = 1) => {
    const { body } = await admin().post(`/subnets/${home}/allocations`, { count });
    return body.addresses.map(({ address }: { address: string }) => address);
  };

  it('is not handed out, by strategy or by name, and is again once it is let go', async () => {
    await hold(['10.0.0.1', '10.0.0.3']);
    assert.deepEqual(await take(2), ['10.0.0.2', '10.0.0.4']);
    const named = await admin().post(`/subnets/${home}/allocations`, { address: '10.0.0.1' });
    assert.equal(named.status, 409);
    assert.match(named.body.detail, /10\.0\.0\.1 answers, and nobody has registered it/);
    await hold(['10.0.0.1'], null);
    assert.deepEqual(await take(2), ['10.0.0.1', '10.0.0.5']);
  });

  it('is free when its time is over', async () => {
    await hold(['10.0.0.1'], new Date(Date.now() + 50));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(await take(), ['10.0.0.1']);
  });

  it('can be registered by name, and is held back again when its row goes', async () => {
    await hold(['10.0.0.1']);
    const { status, body } = await admin().post('/addresses', { address: '10.0.0.1' });
    assert.equal(status, 201);
    assert.deepEqual(await faults(), []);
    await admin().post(`/addresses/${body.id}/release`);
    assert.deepEqual(await take(), ['10.0.0.2']);
    await admin().delete(`/addresses/${body.id}`);
    assert.deepEqual(await take(), ['10.0.0.3']);
  });

  it('stays held back through changes of the tree and bulk writes', async () => {
    await hold(['10.0.0.1', '10.0.0.200']);
    const { body: child } = await admin().post('/subnets', { cidr: '10.0.0.0/25' });
    assert.deepEqual(await faults(), []);
    await admin().post('/addresses', [{ address: '10.0.0.9' }, { address: '10.0.0.201' }]);
    assert.deepEqual(await faults(), []);
    const inChild = await admin().post(`/subnets/${child.id}/allocations`, {});
    assert.equal(inChild.body.addresses[0].address, '10.0.0.2');
    await admin().post(`/subnets/${home}/split`, { prefixLength: 26 });
    assert.deepEqual(await faults(), []);
    await admin().delete(`/subnets/${child.id}?cascade=rehome`);
    const named = await admin().post(`/subnets/${home}/allocations`, { address: '10.0.0.200' });
    assert.equal(named.status, 409);
  });

  it('outside of every subnet is left out', async () => {
    await hold(['192.0.2.1', '10.0.0.1']);
    assert.deepEqual(await register.db.query('SELECT address FROM space_hold'), [{ address: '10.0.0.1' }]);
  });
});
