import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('the holder of an address, as people in psql give and take it,', () => {
  let register: TestRegister;
  let sessions: [pg.Client, pg.Client];
  let device: number;
  let port: number;

  before(async () => {
    register = await startTestRegister([subnets]);
    await register.as('engineer').post('/subnets', { cidr: '10.0.0.0/24' });
    sessions = [new pg.Client(register.applicationUrl), new pg.Client(register.applicationUrl)];
    for (const session of sessions) await session.connect();
  });
  beforeEach(async () => {
    await register.db.query('DELETE FROM address');
    await register.db.query('DELETE FROM device');
    const [made] = await register.db.query<{ device: number; port: number }>(
      `WITH d AS (INSERT INTO device (name) VALUES ('lb-1') RETURNING id)
       INSERT INTO interface (device_id, name) SELECT id, 'eth0' FROM d RETURNING device_id AS device, id AS port`,
    );
    ({ device, port } = made as { device: number; port: number });
  });
  after(async () => {
    for (const session of sessions) await session.end();
    await register.stop();
  });

  const hold = (session: pg.Client, values = `${device}, ${port}`) =>
    session.query(
      `INSERT INTO address (vrf_id, address, device_id, interface_id) SELECT id, '10.0.0.9', ${values} FROM vrf WHERE name = 'global'`,
    );
  const broken = (constraint: string) => (fault: { code?: string; constraint?: string }) => {
    assert.deepEqual([fault.code, fault.constraint], ['23503', constraint]);
    return true;
  };
  /** Whether a statement waits for another session; its fault is asked for later. */
  async function waits(statement: Promise<unknown>): Promise<boolean> {
    statement.catch(() => undefined);
    const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), 200));
    return (await Promise.race([statement.catch(() => 'failed'), late])) === 'late';
  }

  it('is there, and has the interface', async () => {
    const [session] = sessions;
    await assert.rejects(hold(session, '999, NULL'), broken('address_device_fkey'));
    await assert.rejects(hold(session, `${device}, 999`), broken('address_interface_fkey'));
    await hold(session);
    await assert.rejects(
      session.query('UPDATE address SET interface_id = 999'),
      broken('address_interface_fkey'),
    );
    await assert.rejects(
      session.query('UPDATE address SET device_id = 999, interface_id = NULL'),
      broken('address_device_fkey'),
    );
  });

  it('stays as long as it holds one', async () => {
    const [session] = sessions;
    await hold(session);
    await assert.rejects(session.query('DELETE FROM device'), broken('address_device_fkey'));
    await assert.rejects(session.query('DELETE FROM interface'), broken('address_interface_fkey'));
    await assert.rejects(register.owner.query('TRUNCATE device CASCADE'), /truncate/i);
    await session.query('UPDATE address SET interface_id = NULL');
    await session.query('DELETE FROM interface');
    await session.query('UPDATE address SET device_id = NULL');
    await session.query('DELETE FROM device');
  });

  it('is not deleted behind somebody who is giving it an address', async () => {
    const [giver, deleter] = sessions;
    await giver.query('BEGIN');
    await hold(giver);
    const deletion = deleter.query('DELETE FROM device');
    assert.equal(await waits(deletion), true);
    await giver.query('COMMIT');
    await assert.rejects(deletion, broken('address_device_fkey'));
  });

  it('is given no address behind somebody who is deleting it', async () => {
    const [giver, deleter] = sessions;
    for (const table of ['interface', 'device']) {
      await deleter.query('BEGIN');
      await deleter.query(`DELETE FROM ${table}`);
      const gift = hold(giver);
      assert.equal(await waits(gift), true);
      await deleter.query('COMMIT');
      await assert.rejects(gift, broken(`address_${table}_fkey`));
    }
  });
});
