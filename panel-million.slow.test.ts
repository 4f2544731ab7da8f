import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { subnets } from '#config/plugins';
import { Filter, startTestPanel, type TestPanel } from './admin/testing/resources.ts';

/** In each of 256 subnets; SCALE_ADDRESSES in all. */
const each = Math.min(4_094, Math.ceil(Number(process.env.SCALE_ADDRESSES ?? 1_000_000) / 256));

describe(`the panel on ${(256 * each).toLocaleString('en')} addresses`, () => {
  let panel: TestPanel;
  before(async () => {
    panel = await startTestPanel([subnets]);
    await panel.register.owner.withConnection(async (connection) => {
      await connection.query('SET statement_timeout = 0');
      await connection.query(
        `INSERT INTO subnet (vrf_id, cidr)
           SELECT 1, set_masklen('10.0.0.0'::inet + n * 4096::bigint, 20)::cidr FROM generate_series(0, 255) n`,
      );
      await connection.query("SET cadastre.space = 'held'");
      await connection.query(
        `INSERT INTO address (vrf_id, subnet_id, address, status, hostname)
           SELECT s.vrf_id, s.id, first_ip(s.cidr) + n, (ARRAY['assigned', 'reserved', 'deprecated'])[1 + n % 3],
                  'host-' || md5(s.id::text || n::text) || '.example.net'
             FROM subnet s, generate_series(1, ${each}) n`,
      );
      await connection.query('RESET cadastre.space');
      await connection.query('VACUUM (ANALYZE) address');
      await connection.query('RESET statement_timeout');
    });
  });
  after(() => panel.register.stop());

  /** How often the table was read from end to end so far; sessions tell of it once they are idle for a second. */
  async function wholeReads(): Promise<number> {
    await sleep(1_500);
    const [row] = await panel.register.db.query<{ n: number }>(
      "SELECT seq_scan AS n FROM pg_stat_user_tables WHERE relname = 'address'",
    );
    return row?.n ?? Number.NaN;
  }

  const list = (filters: Record<string, string>, offset = 0) => {
    const address = panel.resource('Address');
    const filter = new Filter(filters, address);
    const sort = { sortBy: 'address', direction: 'asc' as const };
    const viewer = panel.as('viewer');
    return Promise.all([
      address.find(filter, { limit: 10, offset, sort }, viewer),
      address.count(filter, viewer),
    ]);
  };

  it('reads none of its lists from end to end: not a page far back, not a part of a hostname, not what is not there', async () => {
    const before = await wholeReads();
    const [far] = await list({}, 99_990);
    assert.equal(far.length, 10);
    for (const filters of [
      { hostname: 'a7f3' },
      { hostname: 'zzzzzz' },
      { address: '10.3.0.0/16' },
      { address: '10.3.' },
      { status: 'quarantined' },
      { mac: '00:1a:2b:3c:4d:5e' },
      { tags: 'printer' },
      { subnetId: '7' },
    ]) {
      await list(filters);
    }
    // The one is the count of all, which stops at 10,001.
    assert.ok((await wholeReads()) - before <= 1);
  });

  it('counts up to 10,000, and estimates beyond', async () => {
    const [, all] = await list({});
    assert.ok(Math.abs(all - 256 * each) < 0.05 * 256 * each, String(all));
    const [, block] = await list({ address: '10.0.0.0/20' });
    assert.equal(block, each);
    const [, many] = await list({ hostname: 'example' });
    assert.equal(many, 10_001);
  });
});
