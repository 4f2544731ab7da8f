import assert from 'node:assert/strict';
import { Hosts } from '#core/testing';
import { audit } from './index.ts';
import { safes } from './testing/safes.ts';

describe('the audit log that is taken away', () => {
  const hosts = new Hosts();
  before(hosts.open);
  after(hosts.close);

  it('leaves no trigger and no function on the tables of others, and comes back as it was', async () => {
    const traces = () =>
      hosts.db.query(
        `SELECT tgname FROM pg_trigger WHERE tgname LIKE 'audit%' AND tgrelid = 'safe'::regclass
         UNION ALL SELECT proname FROM pg_proc WHERE proname LIKE 'audit%\\_on\\_safe'`,
      );
    const written = async () => {
      await hosts.db.query("INSERT INTO site (name) VALUES ('Site ' || random())");
      return (await hosts.db.query('SELECT FROM audit_log')).length;
    };
    await hosts.boot([safes, audit]);
    assert.equal((await traces()).length, 7);
    assert.equal(await written(), 1);
    await hosts.boot([safes]);
    assert.deepEqual(await traces(), []);
    assert.equal(await written(), 1);
    await assert.rejects(
      hosts.boot([safes, audit], [], { migrate: 'off' }),
      /audit_insert on safe.*MIGRATE=off/,
    );
    await hosts.boot([safes, audit]);
    await hosts.boot([safes, audit], [], { migrate: 'off' });
    assert.equal(await written(), 2);
  });
});
