import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('the address space, written to by hand', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets]);
  });
  after(() => register.stop());
  beforeEach(async () => {
    for (const table of ['address', 'ip_range', 'subnet']) await run(`DELETE FROM ${table}`);
    await run(`INSERT INTO subnet (vrf_id, cidr) VALUES (1, '10.0.0.0/24')`);
    await run(`INSERT INTO address (vrf_id, address) VALUES (1, '10.0.0.1')`);
  });

  const run = (text: string) => register.db.query(text);
  const refused = (text: string, said: RegExp) => assert.rejects(run(text), { message: said });

  it('keeps what identifies a row, and what is derived', async () => {
    await refused(`UPDATE subnet SET cidr = '10.0.0.0/25'`, /subnet_block_stays/);
    await refused(`UPDATE address SET address = '10.0.0.2'`, /address_stays/);
    await refused('UPDATE subnet SET vrf_id = 99', /subnet_block_stays/);
    await refused(`INSERT INTO address (vrf_id, address) VALUES (1, '10.0.0.0/24')`, /address_host_check/);
    await refused(`INSERT INTO address (vrf_id, address) VALUES (1, '10.0.1.1')`, /address_needs_subnet/);
    await refused(`DELETE FROM vrf WHERE name = 'global'`, /vrf_global_stays/);
    await refused(`UPDATE vrf SET name = 'other' WHERE name = 'global'`, /vrf_global_stays/);
    const [before] = await run('SELECT subnet_id, version FROM address');
    await run('UPDATE address SET subnet_id = 99, version = 50');
    await run('UPDATE subnet SET parent_id = 99');
    assert.deepEqual(await run('SELECT subnet_id, version FROM address'), [before]);
    assert.deepEqual(await run('SELECT parent_id, version FROM subnet'), [{ parent_id: null, version: 1 }]);
  });

  it('lets a subnet take another block only by the functions that see to all that follows', async () => {
    await refused(`SELECT resize_subnet(id, '10.0.0.128/25') FROM subnet`, /address_needs_subnet/);
    await refused(`SELECT resize_subnet(id, '10.0.1.0/24') FROM subnet`, /subnet_block_stays/);
    await refused(`SELECT renumber_subnet(id, '10.0.0.0/23') FROM subnet`, /subnet_block_stays/);
    await refused(`SELECT resize_subnet(999999, '10.0.0.0/24')`, /There is no subnet 999999/);
    await run(
      `INSERT INTO ip_range (vrf_id, start_ip, end_ip, purpose) VALUES (1, '10.0.0.3', '10.0.0.9', 'dhcp')`,
    );
    await refused(`SELECT resize_subnet(id, '10.0.0.0/29') FROM subnet`, /range_needs_subnet/);
    await run(`SELECT resize_subnet(id, '10.0.0.0/28') FROM subnet`);
    await run(`INSERT INTO subnet (vrf_id, cidr) VALUES (1, '10.9.0.0/16'), (1, '10.9.8.0/25')`);
    await refused(
      `SELECT renumber_subnet(id, '10.9.8.16/28') FROM subnet WHERE cidr = '10.9.8.0/25'`,
      /subnet_block_stays/,
    );
    await refused(
      `SELECT resize_subnet(id, '10.9.0.0/16') FROM subnet WHERE cidr = '10.9.8.0/25'`,
      /one like it|subnet_cidr_key/,
    );
    await run(`INSERT INTO address (vrf_id, address, status) VALUES (1, '10.9.1.1', 'free')`);
    await refused(
      `SELECT renumber_subnet(id, '10.9.1.0/28') FROM subnet WHERE cidr = '10.0.0.0/28'`,
      /renumber_needs_room/,
    );
    await run(`SELECT renumber_subnet(id, '10.9.2.0/28') FROM subnet WHERE cidr = '10.0.0.0/28'`);
    const [row] = await run(`SELECT host(a.address) AS address, s.cidr, host(r.start_ip) AS start
      FROM address a JOIN subnet s ON s.id = a.subnet_id, ip_range r WHERE a.status = 'assigned'`);
    assert.deepEqual(row, { address: '10.9.2.1', cidr: '10.9.2.0/28', start: '10.9.2.3' });
  });

  it('lets the space alone where many addresses are named at once, and counts them where their status changes', async () => {
    await run(`INSERT INTO address (vrf_id, address) VALUES (1, '10.0.0.2'), (1, '10.0.0.3')`);
    const usage = () => run('SELECT xmin::text, taken, reserved FROM subnet_usage');
    const before = await usage();
    await run(`UPDATE address SET hostname = 'a', description = 'b'`);
    assert.deepEqual(await usage(), before);
    await run(`UPDATE address SET status = CASE address WHEN '10.0.0.1' THEN 'free' ELSE 'reserved' END`);
    const [{ taken, reserved } = {}] = await usage();
    assert.deepEqual([taken, reserved].map(Number), [2, 2]);
  });

  it('says who wrote, and counts versions', async () => {
    await run(`UPDATE address SET hostname = 'x'`);
    const [row] = await run('SELECT version, created_by AS made, updated_by AS by FROM address');
    assert.equal(row?.version, 2);
    assert.match(String(row?.by), /^db:/);
    assert.equal(row?.made, row?.by);
  });

  it('refuses addresses for a subnet that the same statement makes, and does not wait for ever', async () => {
    const both = `WITH made AS (INSERT INTO subnet (vrf_id, cidr) VALUES (1, '10.9.0.0/24') RETURNING vrf_id)
      INSERT INTO address (vrf_id, address) SELECT vrf_id, '10.9.0.1' FROM made`;
    await assert.rejects(run(both), /in a statement of their own|lies in no subnet|address_needs_subnet/);
    assert.deepEqual(await run('SELECT count(*) AS n FROM subnet'), [{ n: 1 }]);
  });

  it('takes a statement that changes rows and their key at once, or none of it', async () => {
    await refused(
      `INSERT INTO subnet (vrf_id, cidr) VALUES (1, '10.0.0.0/25'), (1, '10.0.0.0/24')`,
      /one like it|subnet_cidr_key/,
    );
    assert.deepEqual(await run('SELECT child_count AS n FROM subnet_usage'), [{ n: 0 }]);
    await run(
      `INSERT INTO subnet (vrf_id, cidr) VALUES (1, '10.0.0.0/24'), (1, '10.0.0.0/25') ON CONFLICT DO NOTHING`,
    );
    assert.deepEqual(
      await run(
        `SELECT child_count AS n FROM subnet_usage JOIN subnet ON id = subnet_id WHERE cidr = '10.0.0.0/24'`,
      ),
      [{ n: 1 }],
    );
  });
});
