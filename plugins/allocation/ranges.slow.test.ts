import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';

describe('ranges in a subnet with twenty thousand children', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets, allocation]);
    await register.as('engineer').post('/subnets', { cidr: '10.0.0.0/8' });
    // Between two children a gap, so that there are as many free spans.
    await register.db.query(
      `INSERT INTO subnet (vrf_id, cidr)
         SELECT 1, set_masklen('10.0.0.0'::inet + 256 * n, 26)::cidr FROM generate_series(1, 20000) n`,
    );
    await register.owner.query('ANALYZE');
  });
  after(() => register.stop());

  async function measure(): Promise<number> {
    const as = register.as('engineer');
    const start = performance.now();
    for (const strategy of ['first', 'best-fit', 'sparse']) {
      const { status } = await as.post('/subnets/1/subnet-allocations', {
        prefixLength: 27,
        count: 20,
        strategy,
      });
      assert.equal(status, 201);
    }
    assert.equal((await as.get('/subnets/1/free-subnets?prefixLength=25&limit=500')).status, 200);
    return performance.now() - start;
  }

  it('cost those who look for free blocks next to nothing', async () => {
    const without = await measure();
    const as = register.as('engineer');
    await as.post('/ranges', { start: '10.200.0.10', end: '10.200.0.19', purpose: 'pool' });
    await register.db.query(
      `INSERT INTO ip_range (vrf_id, start_ip, end_ip, purpose)
         SELECT 1, '10.0.0.10'::inet + 256 * n, '10.0.0.19'::inet + 256 * n, 'dhcp' FROM generate_series(1, 3000) n`,
    );
    const withRanges = await measure();
    const ratio = withRanges / Math.max(without, 200);
    assert.ok(ratio < 8, `${Math.round(withRanges)} ms, ${ratio.toFixed(1)} times as long as without ranges`);
  }).timeout(120_000);
});
