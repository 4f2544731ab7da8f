import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';

interface Place {
  usage: string;
  span: string | null;
  seen: string;
}

describe('the place where a subnet was served last', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([subnets, allocation]);
    const as = register.as('engineer');
    await as.post('/subnets', { cidr: '10.0.0.0/24', cooldownSeconds: 3600 });
    await as.post('/subnets/1/allocations', { count: 20 });
    await as.post('/addresses', { address: '10.0.0.100' });
    for (const name of ['10.0.0.3', '10.0.0.5', '10.0.0.7']) {
      await as.post('/addresses/release', { addresses: [name] });
    }
  });
  afterEach(() => register.stop());

  /** Hands one address out, and answers it with the place. */
  async function take(place?: Place): Promise<{ address: string; place: Place }> {
    const [granted, last] = await register.db.query<{ address: string; detail: Place }>(
      `SELECT address, detail FROM allocate_addresses(1, NULL, NULL, '{test}', NULL, $1, NULL, '[["test", "", "", "cli", ""]]', true)`,
      [place === undefined ? null : JSON.stringify(place)],
    );
    return { address: granted?.address as string, place: last?.detail as Place };
  }

  it('leads to the next address', async () => {
    const { place } = await take();
    const next = await take(place);
    assert.equal(next.address, '10.0.0.22');
    assert.equal((await take(next.place)).address, '10.0.0.23');
    // One that is past leads nowhere, and does no harm.
    assert.equal((await take(place)).address, '10.0.0.24');
  });

  it('is not believed where its span is another one by now, as after VACUUM FULL', async () => {
    const { place } = await take();
    const others = await register.db.query<{ at: string }>(
      'SELECT ctid::text AS at FROM free_span WHERE ctid <> $1 ORDER BY end_ip',
      [place.span],
    );
    assert.equal(others.length, 5);
    let [now, next] = [place, 22];
    for (const { at } of others) {
      const { address, place: then } = await take({ ...now, span: at });
      assert.equal(address, `10.0.0.${next}`);
      now = then;
      next += 1;
    }
    const faults = await register.db.query("SELECT * FROM space_faults('{1}')");
    assert.deepEqual(faults, []);
  });
});
