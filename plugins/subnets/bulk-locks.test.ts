import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('a list whose items lie in several subnets', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([subnets]);
    await engineer().post('/subnets', [{ cidr: '10.0.1.0/24' }, { cidr: '10.0.2.0/24' }]);
    await engineer().post('/addresses', [{ address: '10.0.1.9' }, { address: '10.0.2.9' }]);
  });
  afterEach(() => register.stop());

  const engineer = () => register.as('engineer');

  /** Whether the first subnet's space is locked by the time that `list` waits for the second's. */
  async function locksInOrder(list: () => Promise<{ status: number }>): Promise<boolean> {
    const { query } = register.db;
    const client = new pg.Client({ connectionString: register.databaseUrl });
    await client.connect();
    try {
      await client.query('BEGIN; SELECT FROM subnet_usage WHERE subnet_id = 2 FOR UPDATE');
      const answer = list();
      for (;;) {
        const waiting = await query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        if (waiting.length > 0) break;
        await sleep(5);
      }
      const free = await query(
        'SELECT subnet_id FROM subnet_usage WHERE subnet_id = 1 FOR UPDATE SKIP LOCKED',
      );
      await client.query('COMMIT');
      assert.ok((await answer).status < 300);
      return free.length === 0;
    } finally {
      await client.end();
    }
  }

  const lists: Record<string, () => Promise<{ status: number }>> = {
    'new addresses': () => engineer().post('/addresses', [{ address: '10.0.2.1' }, { address: '10.0.1.1' }]),
    'changed addresses': () =>
      engineer().patch('/addresses', [
        { id: 2, hostname: 'b' },
        { id: 1, hostname: 'a' },
      ]),
    'new subnets': () => engineer().post('/subnets', [{ cidr: '10.0.2.0/26' }, { cidr: '10.0.1.0/26' }]),
    'changed subnets': () =>
      engineer().patch('/subnets', [
        { id: 2, gateway: '10.0.2.1' },
        { id: 1, gateway: '10.0.1.1' },
      ]),
  };
  for (const [what, list] of Object.entries(lists)) {
    it(`locks them in one order, whatever the order of its items: ${what}`, async () => {
      assert.ok(await locksInOrder(list));
    });
  }

  it('tells of what is not there as ever', async () => {
    const answer = await engineer().post('/addresses?mode=partial', [
      { address: '10.0.1.2', vrf: 'nowhere' },
      { address: '192.0.2.1' },
      { address: '10.0.1.3' },
    ]);
    assert.deepEqual(
      answer.body.results.map(({ status }: { status: number }) => status),
      [422, 409, 201],
    );
    const changed = await engineer().patch('/subnets?mode=partial', [
      { id: 99, name: 'x' },
      { id: 1, name: 'y' },
    ]);
    assert.deepEqual(
      changed.body.results.map(({ status }: { status: number }) => status),
      [404, 200],
    );
  });
});
