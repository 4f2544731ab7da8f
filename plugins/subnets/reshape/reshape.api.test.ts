import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '../index.ts';

describe('x', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets]);
  });
  after(() => register.stop());
  it('a', async () => {
    const e = register.as('engineer');
    const { body } = await e.post('/subnets', { cidr: '10.0.0.0/24' });
    await e.post('/addresses', { address: '10.0.0.64' });
    for (const [p, b] of [
      ['split?dryRun=true', { prefixLength: 26 }],
      ['split', { prefixLength: 26 }],
      ['resize', { cidr: '10.0.0.0/23' }],
      ['renumber', { cidr: '11.0.0.0/23' }],
      ['split', { prefixLengths: [27, 25, 26] }],
    ] as const) {
      const a = await e.post(`/subnets/${body.id}/${p}`, b);
      console.log(p, a.status, JSON.stringify(a.body, null, 1));
    }
  });
});
