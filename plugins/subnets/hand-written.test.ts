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
    await run('DELETE FROM address');
    await run('DELETE FROM subnet');
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
