import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from './index.ts';

describe('the values of custom fields', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([allocation]);
  });
  after(() => register.stop());

  const made = async (path: string, body: object) => {
    const { status, body: answer } = await register.as('engineer').post(path, body);
    assert.ok(status < 300, JSON.stringify(answer));
    return answer;
  };
  const customFields = { rack: 'R7', unit: 4, spare: false };

  it('are kept with every record of the address space and with pools, and changed one by one', async () => {
    const subnet = await made('/subnets', { cidr: '10.0.0.0/24', customFields });
    const records: Record<string, { id: number; customFields: object }> = {
      '/vrfs': await made('/vrfs', { name: 'blue', customFields }),
      '/subnets': subnet,
      '/ranges': await made('/ranges', {
        start: '10.0.0.100',
        end: '10.0.0.109',
        purpose: 'dhcp',
        customFields,
      }),
      '/addresses': await made('/addresses', { address: '10.0.0.9', customFields }),
      '/pools': await made('/pools', { name: 'servers', members: [subnet.id], customFields }),
    };
    for (const [path, record] of Object.entries(records)) {
      assert.deepEqual(record.customFields, customFields, path);
      const at = `${path}/${record.id}`;
      const { body } = await register
        .as('engineer')
        .patch(at, { customFields: { unit: 5, rack: null, owner: 'Ada' } });
      assert.deepEqual(body.customFields, { unit: 5, spare: false, owner: 'Ada' }, path);
      const again = await register
        .as('engineer')
        .patch(at, { customFields: { unit: 5 }, metadata: { a: 1 } });
      assert.deepEqual(again.body.customFields, body.customFields, path);
      assert.deepEqual((await register.as('viewer').get(at)).body.customFields, body.customFields, path);
      const [row] = (await register.as('viewer').get(`${path}?id=${record.id}&fields=customFields`)).body
        .items;
      assert.deepEqual(row, { customFields: body.customFields }, path);
    }
  });

  it('come with what is handed out, and go with the next holder', async () => {
    const subnet = await made('/subnets', { cidr: '10.1.0.0/16' });
    const given = { ...customFields, none: null };
    const { subnets } = await made(`/subnets/${subnet.id}/subnet-allocations`, {
      prefixLength: 30,
      customFields: given,
    });
    assert.deepEqual(subnets[0].customFields, customFields);
    const { addresses } = await made(`/subnets/${subnets[0].id}/allocations`, { customFields: given });
    assert.deepEqual(addresses[0].customFields, customFields);
    const at = `/addresses/${addresses[0].id}`;
    assert.deepEqual((await register.as('viewer').get(at)).body.customFields, customFields);
    await made(`${at}/release`, {});
    const next = await made(`/subnets/${subnets[0].id}/allocations`, {
      address: addresses[0].address,
      hostname: 'web',
    });
    assert.deepEqual((await register.as('viewer').get(at)).body.customFields, {});
    assert.deepEqual(next.addresses[0].customFields, {});
  });

  it('are text, numbers, true or false, and nothing else', async () => {
    for (const value of [['a'], { a: 1 }]) {
      const { status, body } = await register
        .as('engineer')
        .post('/vrfs', { name: 'odd', customFields: { list: value } });
      assert.equal(status, 422);
      assert.equal(body.errors[0].path, 'body.customFields.list');
    }
  });
});
