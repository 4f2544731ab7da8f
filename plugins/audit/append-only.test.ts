import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister, untilPastIsOver } from '#core/testing';
import { audit } from './index.ts';

const month = new Date().toISOString().slice(0, 7).replace('-', '_');
const tables = ['audit_log', `audit_log_${month}`, 'audit_log_default', 'audit_seal'];

describe('the audit log is append-only', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([audit]);
    const rows = (at: string) =>
      register.db.query(`INSERT INTO audit_log (at, change_id, actor, source, action, entity, entity_id, subject, key)
        VALUES (${at}, gen_random_uuid(), 'user:7', 'rest', 'create', 'book', '1', '1', '{}')`);
    await rows('now()');
    await rows("now() + interval '5 years'");
    await untilPastIsOver(register.db);
    await register.runJob('audit.seal');
  });
  after(() => register.stop());

  const refused = { code: '42501' };
  const byApplication = (text: string) => assert.rejects(register.db.query(text), refused, text);
  const byOwner = (text: string) =>
    assert.rejects(register.owner.query(text), { ...refused, message: /append-only/ }, text);

  for (const table of tables) {
    const column = table === 'audit_seal' ? 'key_id' : 'actor';

    it(`for the application's own role: ${table}`, async () => {
      await byApplication(`UPDATE ${table} SET ${column} = ''`);
      await byApplication(`UPDATE ${table} SET ${column} = '' WHERE false`);
      await byApplication(`DELETE FROM ${table}`);
      await byApplication(`TRUNCATE ${table}`);
      await byApplication(`ALTER TABLE ${table} DISABLE TRIGGER ALL`);
      await byApplication(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
      await byApplication(`ALTER TABLE ${table} ADD COLUMN spare int`);
      await byApplication(`ALTER TABLE ${table} OWNER TO CURRENT_USER`);
      await byApplication(
        `CREATE TRIGGER meddle BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()`,
      );
      await byApplication(`CREATE RULE meddle AS ON INSERT TO ${table} DO INSTEAD NOTHING`);
      await byApplication(`DROP TABLE ${table}`);
      await byApplication(`DO $$ BEGIN LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE; END $$`);
      await byApplication(`SELECT * FROM ${table} FOR UPDATE`);
    });

    it(`for the owner, as long as its triggers stand: ${table}`, async () => {
      await byOwner(`UPDATE ${table} SET ${column} = ''`);
      await byOwner(`DELETE FROM ${table}`);
      await byOwner(`TRUNCATE ${table}`);
      await byOwner(`TRUNCATE ${table} CASCADE`);
      await assert.rejects(
        register.owner.query(
          `MERGE INTO ${table} a USING ${table} b ON a.id = b.id WHEN MATCHED THEN DELETE`,
        ),
        refused,
      );
    });
  }

  it('whatever the application tries to get round it', async () => {
    await byApplication("SET session_replication_role = 'replica'");
    await byApplication('ALTER TABLE audit_log DETACH PARTITION audit_log_default');
    await byApplication('CREATE TABLE public.audit_log_copy (id int)');
    await byApplication('ALTER FUNCTION refuse_audit_change() RENAME TO refuse_nothing');
    await byApplication(
      `CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE sql AS 'SELECT 1'`,
    );
    await byApplication('DELETE FROM schema_migration');
    await byApplication(`INSERT INTO audit_log_${month} (actor) VALUES ('user:1')`);
    const [owner] = await register.owner.query<{ name: string }>('SELECT current_user AS name');
    await byApplication(`SET ROLE "${owner?.name}"`);
  });

  it('and has all that was written to it', async () => {
    assert.deepEqual(await register.db.query('SELECT count(*) AS n FROM audit_log'), [{ n: 2 }]);
  });
});
