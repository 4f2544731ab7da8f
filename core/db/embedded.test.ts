import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { attachEmbeddedPostgres } from './embedded.ts';

const log = { info: () => undefined, warn: () => undefined };
const attach = (dataDir: string) => attachEmbeddedPostgres({ dataDir, log });

describe('embedded PostgreSQL', () => {
  let dataDir: string;
  before(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'cadastre-embedded-'));
  });
  after(() => removeWithServer(dataDir));

  it('is created once, durable, reachable on 127.0.0.1 with a password only', async () => {
    const first = await attach(dataDir);
    assert.equal(first.startedHere, true);
    assert.deepEqual(await one(first.url, 'SELECT current_setting($1) AS value', ['fsync']), { value: 'on' });
    assert.deepEqual(await one(first.url, 'SELECT upper($1) AS value', ['é']), { value: 'É' });
    // What it freed it keeps for the next transaction.
    if (process.platform === 'linux')
      assert.match(
        readFileSync(`/proc/${serverPid(dataDir)}/environ`, 'utf8'),
        /\bMALLOC_TRIM_THRESHOLD_=\d/,
      );
    assert.equal(statSync(join(dataDir, 'postgres', 'password')).mode & 0o777, 0o600);

    const stranger = new URL(first.url);
    stranger.password = 'guess';
    await assert.rejects(one(stranger.href, 'SELECT 1'), /password authentication failed/);
  });

  it('is re-attached while it runs, and keeps its data over a stop and a start', async () => {
    const first = await attach(dataDir);
    await one(first.ownerUrl, 'CREATE TABLE parcel AS SELECT 7 AS plot');
    const second = await attach(dataDir);
    assert.deepEqual([second.url, second.startedHere], [first.url, false]);

    await second.stop();
    await assert.rejects(one(first.url, 'SELECT 1'), { code: 'ENOENT' });
    const third = await attach(dataDir);
    assert.equal(third.startedHere, true);
    assert.deepEqual(await one(third.ownerUrl, 'SELECT plot FROM parcel'), { plot: 7 });
  });

  it('outlives an interrupt of the process group and a kill -9 of the process that started it', async () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
      const { child, line } = await attachInAnotherProcess(dataDir);
      process.kill(-(child.pid ?? 0), signal);
      await new Promise((gone) => child.once('close', gone));
      const again = await attach(dataDir);
      assert.deepEqual([again.startedHere, again.url], [false, line.url]);
    }
  });

  it('is started again, data intact, after a kill -9 of the server', async () => {
    const first = await attach(dataDir);
    await one(first.ownerUrl, 'UPDATE parcel SET plot = 8');
    process.kill(serverPid(dataDir), 'SIGKILL');
    const again = await attach(dataDir);
    assert.equal(again.startedHere, true);
    assert.deepEqual(await one(again.ownerUrl, 'SELECT plot FROM parcel'), { plot: 8 });
  });

  it('is started although its stale pid file names a process that lives', async () => {
    const first = await attach(dataDir);
    const stale = readFileSync(pidFile(dataDir), 'utf8');
    await first.stop();
    writeFileSync(pidFile(dataDir), stale.replace(/^\d+/, String(process.pid)));
    assert.equal((await attach(dataDir)).startedHere, true);
  });

  it('is one server when several processes attach to a new directory at the same moment', async () => {
    const newDir = mkdtempSync(join(tmpdir(), 'cadastre-embedded-'));
    const attached = await Promise.all([1, 2, 3].map(() => attachInAnotherProcess(newDir)));
    for (const { child } of attached) child.kill('SIGKILL');
    await removeWithServer(newDir);
    assert.equal(new Set(attached.map(({ line }) => line.url)).size, 1);
    assert.equal(attached.filter(({ line }) => line.startedHere).length, 1);
  });
});

const pidFile = (dataDir: string) => join(dataDir, 'postgres', 'data', 'postmaster.pid');
const serverPid = (dataDir: string) => Number.parseInt(readFileSync(pidFile(dataDir), 'utf8'), 10);

async function removeWithServer(dataDir: string): Promise<void> {
  await (await attach(dataDir)).stop();
  rmSync(dataDir, { recursive: true });
}

async function one(url: string, sql: string, values: unknown[] = []): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(sql, values)).rows[0];
  } finally {
    await client.end();
  }
}

/** Attaches in a process that leads a group of its own and stays until it is killed. */
async function attachInAnotherProcess(
  dataDir: string,
): Promise<{ child: ChildProcess; line: { url: string; startedHere: boolean } }> {
  const script = `
    import { attachEmbeddedPostgres } from ${JSON.stringify(import.meta.resolve('./embedded.ts'))};
    const log = { info() {}, warn() {} };
    console.log(JSON.stringify(await attachEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log })));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((settle, fail) => {
    child.stdout.once('data', (chunk: Buffer) => settle(chunk.toString()));
    child.once('exit', () => fail(new Error('the other process ended before it had attached')));
  });
  return { child, line: JSON.parse(line) };
}
