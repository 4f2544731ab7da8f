import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('metrics of subnets', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets]);
  });
  after(() => register.stop());

  it('tell how full those are that are monitored, and no others', async () => {
    const as = register.as('engineer');
    await as.post('/subnets', { cidr: '10.0.0.0/24', name: 'Office "2"', monitored: true });
    await as.post('/subnets', { cidr: '10.0.1.0/24' });
    for (const address of ['10.0.0.1', '10.0.0.2']) await as.post('/addresses', { address });
    const text = await (await fetch(`${register.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('cadastre_subnet_utilization_ratio'));
    assert.deepEqual(lines, [
      'cadastre_subnet_utilization_ratio{vrf="global",cidr="10.0.0.0/24",name="Office \\"2\\""} 0.0079',
    ]);
  });
});
