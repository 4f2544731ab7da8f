import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { openDatabase } from '../db/database.ts';
import { type MigrationSource, migrateUp } from '../db/migrate.ts';
import { createLog } from '../log/log.ts';
import { testServerUrl } from './server.ts';

const quiet = createLog('silent');

/** The application's own role on the tests' server, which owns nothing. */
const application = 'cadastre_test';

/** A database of its own, dropped at the end. */
export interface TestDatabase {
  /** For the role that owns everything, a superuser. */
  url: string;
  /** For the application's own role, which may do what it may do in an installation with two roles. */
  applicationUrl: string;
  drop(): Promise<void>;
}

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: await testServerUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function urlOf(database: string): Promise<string> {
  const url = new URL(await testServerUrl());
  url.pathname = `/${database}`;
  return url.href;
}

async function fingerprint(sources: readonly MigrationSource[]): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of [
    new URL('../db/migrations/', import.meta.url),
    ...sources.map((source) => source.folder),
  ]) {
    for (const file of (await readdir(folder)).sort())
      hash.update(file).update(await readFile(new URL(file, folder)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Makes a database with the migrations applied: a copy of a template that is migrated once per set of migrations. */
export async function testDatabase(sources: readonly MigrationSource[] = []): Promise<TestDatabase> {
  const template = `template_${await fingerprint(sources)}`;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(async (client) => {
    // Two test runs at once must not both make the template.
    await client.query('SELECT pg_advisory_lock(1)');
    const { rowCount } = await client.query(
      'SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate',
      [template],
    );
    if (!rowCount) {
      await client.query(`DROP DATABASE IF EXISTS ${template}`);
      await client.query(`CREATE DATABASE ${template}`);
      const db = openDatabase({ url: await urlOf(template) });
      try {
        await client.query(`DO $$ BEGIN CREATE ROLE ${application} LOGIN PASSWORD '${application}';
                                  EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
        await migrateUp(db, sources, quiet);
        await db.query('SELECT grant_to_application($1)', [application]);
      } finally {
        await db.close();
      }
      await client.query(`ALTER DATABASE ${template} IS_TEMPLATE true`);
    }
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = await urlOf(name);
  return {
    url,
    applicationUrl: Object.assign(new URL(url), { username: application, password: application }).href,
    drop: () => onServer(async (client) => void (await client.query(`DROP DATABASE ${name} WITH (FORCE)`))),
  };
}
