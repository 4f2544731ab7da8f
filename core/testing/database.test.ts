import assert from 'node:assert/strict';
import { openDatabase } from '../db/database.ts';
import { testDatabase } from './database.ts';

describe('a test database', () => {
  it('has the kernel migrated and is gone once dropped', async () => {
    const database = await testDatabase();
    const db = openDatabase({ url: database.url });
    assert.deepEqual(await db.query('SELECT count(*) AS n FROM outbox'), [{ n: 0 }]);
    await db.close();
    await database.drop();
    const late = openDatabase({ url: database.url });
    await assert.rejects(late.query('SELECT 1'), { status: 503 });
    await late.close();
  });

  it('is empty however full another one is', async () => {
    const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
    const [first, second] = [openDatabase({ url: one.url }), openDatabase({ url: two.url })];
    await first.query("INSERT INTO outbox (event, subscriber, payload) VALUES ('e', 's', '{}')");
    assert.deepEqual(await second.query('SELECT count(*) AS n FROM outbox'), [{ n: 0 }]);
    await Promise.all([first.close(), second.close()]);
    await Promise.all([one.drop(), two.drop()]);
  });
});
