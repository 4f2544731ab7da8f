import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { testDatabase } from '#core/testing';
import { createLog } from '../log/log.ts';
import { bootHost } from '../plugin/host.ts';
import type { TestDatabase } from '../testing/database.ts';
import { pluginOf } from '../testing/hosts.ts';
import { type Database, openDatabase } from './database.ts';

const migration = `
  CREATE TABLE rack (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE, tag serial);
  CREATE VIEW rack_name AS SELECT name FROM rack;
  CREATE TABLE rack_event (id bigint GENERATED ALWAYS AS IDENTITY, at date NOT NULL DEFAULT '2026-01-01', what text) PARTITION BY RANGE (at);
  CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append-only'; END $$;
  CREATE TRIGGER rack_event_append_only BEFORE UPDATE OR DELETE ON rack_event FOR EACH ROW EXECUTE FUNCTION refuse_it();
  CREATE TABLE rack_event_2026 PARTITION OF rack_event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE FUNCTION rack_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER RETURN (SELECT count(*) FROM rack);
  REVOKE ALL ON FUNCTION rack_count() FROM PUBLIC;
  CREATE SCHEMA racks;
  CREATE TABLE racks."Odd Name" (id int);`;

describe("the application's own role", () => {
  let folder: string;
  let database: TestDatabase;
  let owner: Database;
  let db: Database;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cadastre-role-'));
    await writeFile(join(folder, '2026-01-01-racks.up.sql'), migration);
    database = await testDatabase();
    owner = openDatabase({ url: database.url });
    db = openDatabase({ url: database.applicationUrl });
    await boot();
  });
  after(async () => {
    await Promise.all([owner.close(), db.close()]);
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const boot = (options: { migrate?: 'off' } = {}) =>
    bootHost({
      builtIn: [],
      external: [pluginOf('racks', { migrations: pathToFileURL(`${folder}/`) })],
      db,
      owner,
      env: {},
      log: createLog('silent'),
      issueToken: () => 'token',
      ...options,
    });
  const denied = (text: string) => assert.rejects(db.query(text), { code: '42501' }, text);

  it('uses what a migration of a further plugin has made, without a grant by hand', async () => {
    await db.query(
      "INSERT INTO rack (name) VALUES ('A1'), ('A2') ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name",
    );
    await db.query("UPDATE rack SET name = 'A3' WHERE name = 'A2'");
    await db.query("DELETE FROM rack WHERE name = 'A3'");
    assert.deepEqual(await db.query('SELECT name FROM rack_name'), [{ name: 'A1' }]);
    assert.deepEqual(await db.query('SELECT rack_count() AS n'), [{ n: 1 }]);
    await db.query('INSERT INTO racks."Odd Name" VALUES (1)');
    await db.query('LOCK TABLE rack IN SHARE ROW EXCLUSIVE MODE; CREATE TEMP TABLE passing (id int)');
  });

  it('adds to a table with an append-only trigger, and reads it', async () => {
    await db.query("INSERT INTO rack_event (what) VALUES ('moved')");
    assert.deepEqual(await db.query('SELECT what FROM rack_event_2026'), [{ what: 'moved' }]);
    await denied('DELETE FROM rack_event');
    await denied("UPDATE rack_event SET what = ''");
    await denied("INSERT INTO rack_event_2026 (what) VALUES ('moved')");
  });

  it('changes no table, and no list of migrations', async () => {
    await denied('ALTER TABLE rack ADD COLUMN height int');
    await denied('DROP TABLE rack');
    await denied('TRUNCATE rack');
    await denied('CREATE TABLE other (id int)');
    await denied('DELETE FROM schema_migration');
  });

  it('loses with the next start what it was given too much', async () => {
    const role = new URL(database.applicationUrl).username;
    await owner.query(`GRANT DELETE, UPDATE ON rack_event, schema_migration TO ${role}`);
    await boot();
    await denied('DELETE FROM rack_event');
    await denied('DELETE FROM schema_migration');
  });

  it('starts where it may not migrate and need not', async () => {
    const host = await bootHost({
      builtIn: [],
      external: [pluginOf('racks', { migrations: pathToFileURL(`${folder}/`) })],
      db,
      env: {},
      log: createLog('silent'),
      issueToken: () => 'token',
      migrate: 'off',
    });
    assert.equal(host.registry.plugins[0]?.state, 'running');
  });
});
