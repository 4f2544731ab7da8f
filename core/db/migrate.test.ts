import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pgBossSchemaVersion } from '../jobs/pgboss-version.ts';
import { createLog } from '../log/log.ts';
import { books } from '../testing/fixtures/books.ts';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { type Database, openDatabase } from './database.ts';
import { type MigrationSource, migrateDown, migrateUp, pendingMigrations } from './migrate.ts';

const log = createLog('silent');
const shelves: MigrationSource = { owner: 'books', folder: books.definition.migrations as URL };

const kernelFolder = new URL('./migrations/', import.meta.url);
const kernelFiles = (await readdir(kernelFolder))
  .filter((file) => file.endsWith('.up.sql'))
  .sort()
  .map((file) => `kernel/${file.slice(0, -'.up.sql'.length)}`);
const kernel = [...kernelFiles, `kernel/pg-boss-${pgBossSchemaVersion}`];

describe('migrations', () => {
  let database: TestDatabase;
  let db: Database;
  let folder: string;
  let kernelTables: readonly string[];

  beforeEach(async () => {
    database = await testDatabase();
    db = openDatabase({ url: database.url, statementTimeout: 500, lockTimeout: 500 });
    folder = await mkdtemp(join(tmpdir(), 'migrations-'));
    kernelTables = await allTables();
  });
  afterEach(async () => {
    await db.close();
    await database.drop();
    await rm(folder, { recursive: true });
  });

  /** A plugin's folder with these files. */
  async function sourceOf(owner: string, files: Record<string, string>): Promise<MigrationSource> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return { owner, folder: pathToFileURL(`${folder}/`) };
  }
  const applied = async () =>
    (await db.query<{ name: string }>('SELECT name FROM schema_migration ORDER BY name')).map(
      ({ name }) => name,
    );
  const allTables = async () =>
    (
      await db.query<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
      )
    ).map(({ name }) => name);
  /** Those that are not the kernel's. */
  const tables = async () => (await allTables()).filter((name) => !kernelTables.includes(name));

  it('are applied once, in order, the kernel first, and told', async () => {
    assert.deepEqual(await migrateUp(db, [shelves], log), ['books/2026-01-01-books']);
    assert.deepEqual(await migrateUp(db, [shelves], log), []);
    assert.deepEqual(await applied(), ['books/2026-01-01-books', ...kernel]);
  });

  it('start from an empty database', async () => {
    await db.query('DROP SCHEMA public, pgboss CASCADE; CREATE SCHEMA public');
    assert.deepEqual(await pendingMigrations(db, [shelves]), [...kernel, 'books/2026-01-01-books']);
    assert.deepEqual(await allTables(), [], 'looking changes nothing');
    await migrateUp(db, [shelves], log);
    assert.deepEqual(await tables(), ['book', 'shelf']);
  });

  it('apply a later one of a plugin that comes earlier', async () => {
    await migrateUp(db, [shelves], log);
    const early = await sourceOf('authors', { '2025-01-01-authors.up.sql': 'CREATE TABLE author ()' });
    assert.deepEqual(await migrateUp(db, [early, shelves], log), ['authors/2025-01-01-authors']);
  });

  it('leave nothing of one that fails, and keep those before it', async () => {
    const source = await sourceOf('authors', {
      '1.up.sql': 'CREATE TABLE one ()',
      '2.up.sql': 'CREATE TABLE two (); SELECT 1/0;',
      '3.up.sql': 'CREATE TABLE three ()',
    });
    await assert.rejects(migrateUp(db, [source], log), /authors\/2.*division by zero/s);
    assert.deepEqual(await tables(), ['one']);
    assert.deepEqual(await pendingMigrations(db, [source]), ['authors/2', 'authors/3']);
    await writeFile(join(folder, '2.up.sql'), 'CREATE TABLE two ()');
    assert.deepEqual(await migrateUp(db, [source], log), ['authors/2', 'authors/3']);
  });

  it('are applied by one of two processes that start at once', async () => {
    const source = await sourceOf('authors', {
      '1.up.sql': 'CREATE TABLE one (); SELECT pg_sleep(0.2);',
      '2.up.sql': 'CREATE TABLE two ()',
    });
    const other = openDatabase({ url: database.url, lockTimeout: 50 });
    const done = await Promise.all([migrateUp(db, [source], log), migrateUp(other, [source], log)]);
    await other.close();
    assert.deepEqual(done.flat().sort(), ['authors/1', 'authors/2']);
  });

  it('may take longer than a request may', async () => {
    const source = await sourceOf('authors', { '1.up.sql': 'SELECT pg_sleep(0.7)' });
    assert.deepEqual(await migrateUp(db, [source], log), ['authors/1']);
    await assert.rejects(
      db.query('SELECT pg_sleep(0.7)'),
      { status: 503 },
      'the limits hold again afterwards',
    );
  });

  it('let go of their lock, also when one fails', async () => {
    const source = await sourceOf('authors', { '1.up.sql': 'SELECT 1/0' });
    await assert.rejects(migrateUp(db, [source], log));
    const locks = await db.query(
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    assert.deepEqual(locks, []);
  });

  it("are taken back for one plugin, last first, the others' left alone", async () => {
    await migrateUp(db, [shelves], log);
    const source = await sourceOf('authors', {
      '1.up.sql': 'CREATE TABLE author (id int PRIMARY KEY)',
      '1.down.sql': 'DROP TABLE author',
      '2.up.sql': 'CREATE TABLE prize (author int REFERENCES author)',
      '2.down.sql': 'DROP TABLE prize',
    });
    await migrateUp(db, [source], log);
    assert.deepEqual(await migrateDown(db, source), ['authors/2', 'authors/1']);
    assert.deepEqual(await applied(), ['books/2026-01-01-books', ...kernel]);
    assert.deepEqual(await tables(), ['book', 'shelf']);
    assert.deepEqual(await migrateUp(db, [source], log), ['authors/1', 'authors/2']);
  });

  it('of the kernel can be taken back too', async () => {
    await migrateDown(db, { owner: 'kernel', folder: kernelFolder });
    assert.deepEqual(await allTables(), ['schema_migration']);
  });
});
