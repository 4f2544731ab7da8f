import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { customfields } from './index.ts';

describe('the rules of custom fields on a table', () => {
  let register: TestRegister;
  let writer: pg.Client;
  beforeEach(async () => {
    register = await startTestRegister([allocation, customfields], { database: { lockTimeout: 1500 } });
    writer = new pg.Client({ connectionString: register.applicationUrl });
    await writer.connect();
  });
  afterEach(async () => {
    await writer.end();
    await register.stop();
  });

  const define = (field: object) =>
    register.as('admin').post('/custom-fields', { model: 'vrf', type: 'text', ...field });
  const vrf = (name: string, customFields?: object) =>
    register.as('engineer').post('/vrfs', { name, customFields });
  /** Ends when somebody waits for a lock on a table. */
  async function waitedFor(table: string): Promise<void> {
    const blocked = `SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND relation = '${table}'::regclass`;
    for (let tries = 0; tries < 100; tries += 1) {
      const [row] = await register.owner.query<{ n: number }>(blocked);
      if (row?.n) return;
      await new Promise((wake) => setTimeout(wake, 20));
    }
  }
  const rules = async () =>
    (
      await register.db.query<{ name: string }>(
        `SELECT tgname AS name FROM pg_trigger WHERE tgname LIKE 'custom_fields_%' AND tgrelid = 'vrf'::regclass
           UNION SELECT indexname FROM pg_indexes WHERE indexname LIKE '%custom_fields_gin' ORDER BY name`,
      )
    ).map(({ name }) => name);

  it('come into force for whoever waits while a field is defined, and for nobody before', async () => {
    await writer.query('BEGIN');
    await writer.query(`INSERT INTO vrf (name) VALUES ('first')`);
    const defining = define({ name: 'owner', required: true });
    await waitedFor('vrf');
    const second = vrf('second');
    await writer.query('COMMIT');
    assert.equal((await defining).status, 201);
    const { status, body } = await second;
    assert.deepEqual([status, body.errors?.[0]?.path], [422, 'body.customFields.owner']);
    assert.equal((await register.as('viewer').get('/vrfs?name=first')).body.items.length, 1);
  });

  it('are not in the way of a definition for longer than anybody waits for a lock', async () => {
    await writer.query('BEGIN');
    await writer.query(`INSERT INTO vrf (name) VALUES ('slow')`);
    const { status, headers } = await define({ name: 'owner' });
    await writer.query('ROLLBACK');
    assert.deepEqual([status, headers['retry-after']], [503, '2']);
  });

  it('hold when several are defined and values written at once', async () => {
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, (_, n) => define({ name: `f${n}`, default: 'x' })),
      ...Array.from({ length: 30 }, (_, n) => vrf(`v${n}`, n % 2 ? { f1: 'own' } : undefined)),
    ]);
    for (const { status, body } of answers) assert.ok([201, 422, 503].includes(status), JSON.stringify(body));
    const [odd] = await register.db.query<{ n: number }>(
      `SELECT count(*) AS n FROM vrf, jsonb_object_keys(custom_fields) k
        WHERE NOT EXISTS (SELECT FROM custom_field f WHERE f.model = 'vrf' AND f.name = k)`,
    );
    assert.equal(odd?.n, 0);
  });

  it('are put up again after the table was gone, and taken away with the plugin, whose values stay', async () => {
    await define({ name: 'owner', required: true });
    await vrf('a', { owner: 'Ada' });
    const all = [
      'custom_fields_due',
      'custom_fields_given',
      'custom_fields_updated',
      'vrf_custom_fields_gin',
    ];
    assert.deepEqual(await rules(), all);
    // As a table that its plugin has made anew lacks them.
    await register.owner.query('DROP TRIGGER custom_fields_due ON vrf; DROP INDEX vrf_custom_fields_gin');
    await register.owner.query(
      'SELECT keep_custom_field_table(t) FROM (SELECT DISTINCT of_table FROM custom_field) f (t)',
    );
    assert.deepEqual(await rules(), all);
    for (const part of ['02-definitions', '01-values']) await register.owner.query(await downOf(part));
    assert.deepEqual(await rules(), []);
    const { rows } = await writer.query(`SELECT custom_fields FROM vrf WHERE name = 'a'`);
    assert.deepEqual(rows, [{ custom_fields: { owner: 'Ada' } }]);
    await writer.query(`INSERT INTO vrf (name, custom_fields) VALUES ('b', '{"anything": 1}')`);
  });

  it('take over values from before where they fit, and say how many do not', async () => {
    await register.owner.query(`ALTER TABLE vrf DISABLE TRIGGER custom_fields_given`);
    await writer.query(
      `INSERT INTO vrf (name, custom_fields) VALUES ('a', '{"owner": "Ada"}'), ('b', '{"owner": 5}'), ('c', '{}')`,
    );
    await register.owner.query(`ALTER TABLE vrf ENABLE TRIGGER custom_fields_given`);
    const refused = await define({ name: 'owner' });
    assert.deepEqual(
      [refused.status, refused.body.detail],
      [
        409,
        'Records with a value of this name that the field would refuse or replace: 1. Change those first.',
      ],
    );
    await writer.query(`UPDATE vrf SET custom_fields = '{}' WHERE name = 'b'`);
    assert.equal((await define({ name: 'owner' })).status, 201);
    assert.equal((await register.as('viewer').get('/vrfs?customFields.owner=Ada')).body.items.length, 1);
  });

  it('rename no value over one that was there before', async () => {
    const { body: field } = await define({ name: 'owner' });
    await register.owner.query(`ALTER TABLE vrf DISABLE TRIGGER custom_fields_given`);
    await writer.query(
      `INSERT INTO vrf (name, custom_fields) VALUES ('a', '{"owner": "Ada", "holder": "Bob"}'), ('b', '{"keeper": 5}')`,
    );
    await register.owner.query(`ALTER TABLE vrf ENABLE TRIGGER custom_fields_given`);
    for (const name of ['holder', 'keeper']) {
      const { status, body } = await register.as('admin').patch(`/custom-fields/${field.id}`, { name });
      assert.deepEqual([status, body.type?.split(':').at(-1)], [409, 'custom-field-in-use'], name);
    }
    assert.equal(
      (await register.as('admin').patch(`/custom-fields/${field.id}`, { name: 'who' })).status,
      200,
    );
  });

  it('rename values of addresses without waiting for who hands out, nor have who writes one wait for them', async () => {
    const { body: field } = await define({ model: 'address', name: 'owner' });
    const engineer = register.as('engineer');
    await engineer.post('/subnets', { cidr: '10.0.0.0/24' });
    for (const host of [1, 2])
      await engineer.post('/addresses', { address: `10.0.0.${host}`, customFields: { owner: 'Ada' } });
    const rename = (name: string) => register.as('admin').patch(`/custom-fields/${field.id}`, { name });

    await writer.query('BEGIN');
    await writer.query('SELECT FROM subnet_usage FOR UPDATE');
    assert.equal((await rename('holder')).status, 200);
    await writer.query('ROLLBACK');

    await writer.query('BEGIN');
    await writer.query(`SELECT FROM address WHERE address = '10.0.0.1' FOR UPDATE`);
    const renaming = rename('keeper');
    await waitedFor('address');
    await writer.query(`UPDATE address SET hostname = 'web' WHERE address = '10.0.0.1'`);
    await writer.query('COMMIT');
    assert.equal((await renaming).status, 200);
    const { rows } = await writer.query('SELECT DISTINCT custom_fields FROM address');
    assert.deepEqual(rows, [{ custom_fields: { keeper: 'Ada' } }]);
  });

  it('change and go while somebody reads the table for long', async () => {
    const { body: field } = await define({ name: 'owner', required: true });
    await writer.query('BEGIN');
    await writer.query('SELECT FROM vrf');
    const admin = register.as('admin');
    const path = `/custom-fields/${field.id}`;
    const answers = [
      await admin.patch(path, { required: false }),
      await vrf('none'),
      await admin.patch(path, { required: true }),
      await vrf('refused'),
      await admin.delete(path),
      await vrf('free'),
    ];
    await writer.query('ROLLBACK');
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 201, 200, 422, 204, 201],
    );
  });
});

async function downOf(part: string): Promise<string> {
  const folder = customfields.definition.migrations as URL;
  return readFile(new URL(`2026-11-27-${part}.down.sql`, folder), 'utf8');
}
