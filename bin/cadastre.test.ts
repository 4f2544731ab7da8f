import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestDatabase, testDatabase } from '#core/testing';
import { openDatabase } from '../core/db/database.ts';
import { commands } from './commands.ts';

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs the command line as a person would; it has to end by itself. */
function cadastre(env: Record<string, string>, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...env }, timeout: 45_000 };
    execFile(process.execPath, ['bin/cadastre.ts', ...args], options, (fault, out, err) => {
      resolve({ code: fault ? Number(fault.code ?? -1) : 0, out, err });
    });
  });
}

describe('the command line', () => {
  it('says what it can do, as a whole and command by command', async () => {
    const { code, out } = await cadastre({}, '--help');
    assert.equal(code, 0);
    for (const { name, summary } of commands) {
      assert.ok(out.includes(name) && out.includes(summary), name);
    }
    const help = await cadastre({}, 'help', 'seed', 'prefixes');
    assert.deepEqual([help.code, /--containers/.test(help.out), help.err], [0, true, '']);
  });

  it('ends with 2 where it is not understood, and names the near command', async () => {
    const { code, out, err } = await cadastre({}, 'lokup', '10.0.0.1');
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /There is no command "lokup"; did you mean "lookup"\?/);
  });

  it('tells a bad environment in one go', async () => {
    const { code, err } = await cadastre({ PORT: 'x', ROLE: 'y' }, 'migrate');
    assert.equal(code, 1);
    assert.match(err, /PORT: [\s\S]*ROLE: /);
  });
});

describe('the command line on a database', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let dataDir: string;
  before(async () => {
    database = await testDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'cadastre-cli-'));
  });
  after(async () => {
    await database.drop();
    await rm(dataDir, { recursive: true });
  });
  const roles = () => ({ DATABASE_URL: database.applicationUrl, MIGRATION_DATABASE_URL: database.url });
  const run = (...args: string[]) => cadastre({ ...roles(), DATA_DIR: dataDir }, ...args);

  it('migrates, and says what it applied', async () => {
    const refused = await cadastre({ ...roles(), DATA_DIR: dataDir, MIGRATE: 'off' }, 'plugin', 'list');
    assert.deepEqual([refused.code, /MIGRATE=off: run "cadastre migrate"/.test(refused.err)], [1, true]);
    assert.match((await run('doctor')).out, /note {3}migrations {10}\d+ pending \(users\//);
    const { code, out, err } = await run('migrate');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^applied users\/[\s\S]*applied allocation\//);
    assert.equal((await run('migrate')).out, 'The database is up to date.\n');
  });

  it('asks for a scan of a block, and of the subnets whose interval is over, once', async () => {
    const db = openDatabase({ url: database.url });
    assert.match((await run('scan')).err, /scan needs --due or --cidr CIDR/);
    const [subnet] = await db.query(
      "INSERT INTO subnet (vrf_id, cidr) SELECT id, '10.9.0.0/28' FROM vrf WHERE name = 'global' RETURNING id",
    );
    await db.query('INSERT INTO scan_policy (subnet_id, scan_interval) VALUES ($1, 3600)', [subnet?.id]);
    assert.match((await run('scan', '--due')).out, new RegExp(`^\\d+ {2}subnet ${subnet?.id}\n$`));
    assert.equal((await run('scan', '--due')).out, '', 'it is under way');
    const { out } = await run('scan', '--cidr', '10.9.0.0/30', '--mode', 'mock');
    assert.match(out, /^\d+ {2}10\.9\.0\.0\/30\n$/);
    const rows = await db.query('SELECT state, cidr, requested_by AS by FROM scan ORDER BY id');
    assert.deepEqual(
      rows.map(({ state, cidr }) => [state, cidr]),
      [
        ['queued', null],
        ['queued', '10.9.0.0/30'],
      ],
    );
    assert.match(String(rows[1]?.by), /^cli:/);
    await db.query('DELETE FROM scan');
    await db.query('DELETE FROM subnet');
    await db.close();
  });

  it('adds a user with a random password that is shown once, or with one of your choice', async () => {
    const { code, out } = await run('user', 'add', 'Ada@example.net', '--role', 'engineer');
    assert.equal(code, 0);
    assert.match(
      out,
      /Added ada@example\.net as engineer[\s\S]*password {2}[\w-]{24}\n[\s\S]*There is no admin yet/,
    );
    const again = await run('user', 'add', 'ada@example.net', '--role', 'admin');
    assert.deepEqual([again.code, again.out, /belongs to another user/.test(again.err)], [1, '', true]);
    const bad = await run('user', 'add', 'bob', '--role', 'boss', '--password', 'short');
    assert.equal(bad.code, 2);
    assert.match(bad.err, /email: [\s\S]*role: [\s\S]*password: /);
    const admin = await run(
      'user',
      'add',
      'eve@example.net',
      '--role',
      'admin',
      '--password',
      'a long sentence',
    );
    assert.match(admin.out, /^Added eve@example\.net as admin \(user \d+\)\.\n$/);
  });

  it('seeds, looks up and allocates', async () => {
    assert.match(
      (await run('seed', 'demo')).out,
      /^Made \d+ sites, \d+ VLANs, [\d,]+ devices, \d+ subnets and [\d,]+ addresses, looked at 3 times, in /,
    );
    assert.match((await run('seed', 'demo')).out, /there already; nothing was changed/);
    const both = await run('lookup', '10.2.3.10');
    assert.match(
      both.out,
      /VRF global\n {2}address {2}10\.2\.3\.10 {2}free[\s\S]*VRF plant\n[\s\S]*muc-l3-plc-1/,
    );
    const json = JSON.parse((await run('lookup', '10.2.3.10', '--vrf', 'plant', '--json')).out);
    assert.deepEqual([json.items.length, json.items[0].subnet.cidr], [1, '10.2.3.0/24']);
    assert.equal((await run('lookup', '203.0.113.1')).code, 1);

    const taken = await run('allocate', '10.1.64.0/24', '--count', '3', '--hostname', 'kiosk.example.net');
    assert.equal(taken.out, '10.1.64.2\n10.1.64.3\n10.1.64.4\n');
    assert.match(
      (await run('lookup', '10.1.64.3', '--vrf', 'global')).out,
      /assigned {2}kiosk\.example\.net/,
    );
    assert.match(
      (await run('allocate', '10.1.65.0/24')).err,
      /There is no subnet 10\.1\.65\.0\/24 in the VRF global/,
    );
    assert.match((await run('allocate', '10.1.64.0/24', '--count', '300')).err, /has 9 free addresses/);
    assert.equal((await run('allocate', '10.1.64.0/24', '--count', 'three')).code, 2);
  });

  it('warns where the application could rewrite the audit log, and where nothing seals it', async () => {
    const secrets = { NODE_ENV: 'production', JWT_SECRET: 'a secret of at least 32 characters' };
    const { code, out } = await cadastre(
      { DATABASE_URL: database.url, DATA_DIR: dataDir, ...secrets },
      'doctor',
    );
    assert.equal(code, 0);
    assert.match(
      out,
      /note {3}roles +\w+ is the owner of the audit log, or a superuser, and could rewrite it: let/,
    );
    assert.match(out, /note {3}audit key +The audit log is not sealed: set AUDIT_KEY/);
    const two = {
      DATABASE_URL: database.applicationUrl,
      MIGRATION_DATABASE_URL: database.url.replace(/\/test_.*/, '/postgres'),
    };
    const apart = await cadastre({ ...two, DATA_DIR: dataDir }, 'migrate');
    assert.deepEqual([apart.code, /name two databases/.test(apart.err)], [1, true]);
    const alone = await cadastre({ MIGRATION_DATABASE_URL: database.url, DATA_DIR: dataDir }, 'migrate');
    assert.deepEqual([alone.code, /goes with DATABASE_URL/.test(alone.err)], [1, true]);
  });

  it('verifies the audit log, and understands which part', async () => {
    const { code, out } = await run(
      'audit',
      'verify',
      '--from',
      '2026-01-01',
      '--to',
      '2026-01-31T12:00:00Z',
    );
    assert.equal(code, 0);
    assert.match(out, /^Verified 0 rows in 0 seals\.\nNothing is sealed yet\.\n/);
    assert.equal(JSON.parse((await run('audit', 'verify', '--json')).out).fault, null);
    assert.equal((await run('audit', 'verify', '--head', 'ab'.repeat(32))).code, 1);
    assert.match((await run('audit', 'verify', '--head', 'abc')).err, /64 hexadecimal digits/);
    assert.match((await run('audit', 'verify', '--from', 'yesterday')).err, /--from takes a day or a time/);
  });

  it('loads prefixes', async () => {
    const file = join(dataDir, 'prefixes.csv');
    await writeFile(file, 'prefix,country_code,country\n192.0.2.0/24,CH,Switzerland\n');
    const { code, out } = await run('seed', 'prefixes', file, '--containers');
    assert.equal(code, 0);
    assert.match(out, /^Read 1 rows: made 1 subnets, 0 were there\.\nMade 2 containers/);
    await writeFile(file, 'prefix,country_code,country\n192.0.2.1/24,CH,Switzerland\n');
    const bad = await run('seed', 'prefixes', file);
    assert.equal(bad.code, 1);
    assert.match(bad.err, /prefixes\.csv, line 2: .*did you mean 192\.0\.2\.0\/24\? Nothing was loaded\.\n$/);
  });

  it('examines itself, shows no secret, and says how to mend what is wrong', async () => {
    assert.match((await run('plugin', 'list')).out, /subnets +1\.0\.0 +running +built in/);
    const well = await run('doctor');
    assert.equal(well.code, 0);
    assert.match(well.out, /ok {5}plugin users[\s\S]*Nothing is wrong\.\n$/);
    assert.match(well.out, /ok {5}roles +cadastre_test can add to the audit log and cannot rewrite it/);
    const env = {
      DATABASE_URL: 'postgres://cadastre:open-sesame@127.0.0.1:1/none',
      DATA_DIR: dataDir,
      JWT_SECRET: 'a secret that nobody should ever see',
      CADASTRE_ALLOCATION_COOLDOWN: '60',
    };
    const ill = await cadastre(env, 'doctor');
    assert.equal(ill.code, 1);
    assert.match(ill.out, /WRONG {2}database .* in DATABASE_URL right\?/);
    assert.match(ill.out, /Nobody reads it; did you mean CADASTRE_ALLOCATION_COOLDOWN_SECONDS\?/);
    assert.doesNotMatch(ill.out, /open-sesame|nobody should/);
    const uncertain = await cadastre({ ...env, TLS_CERT: '/nowhere/cert.pem', TLS_KEY: 'key.pem' }, 'doctor');
    assert.match(
      uncertain.out,
      /WRONG {2}certificate .*TLS_CERT: the file \/nowhere\/cert\.pem cannot be read/,
    );
    const plugin = join(dataDir, 'broken.mjs');
    await writeFile(plugin, 'export default 7;');
    const odd = await cadastre({ ...roles(), DATA_DIR: dataDir, PLUGINS: plugin }, 'doctor');
    assert.deepEqual([odd.code, /WRONG {2}plugin .*not a plugin/.test(odd.out)], [1, true]);
  });
});

describe('the command line on the embedded database', function () {
  this.timeout(120_000);
  let dataDir: string;
  let serving: ChildProcess | undefined;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'cadastre-cli-'));
  });
  after(async () => {
    serving?.kill();
    await rm(dataDir, { recursive: true });
  });
  const run = (...args: string[]) => cadastre({ DATA_DIR: dataDir }, ...args);
  const runs = () => existsSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'));

  it('stops a server that it started, and leaves alone one that serves', async () => {
    assert.match((await run('doctor')).out, /There is no embedded database in .* yet/);
    assert.deepEqual(await readdir(dataDir), []);
    assert.equal((await run('migrate')).code, 0);
    assert.equal(runs(), false);

    const env = { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: '0' };
    serving = spawn(process.execPath, ['bin/cadastre.ts', 'start'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    for await (const chunk of serving.stdout ?? []) {
      lines.push(String(chunk));
      if (lines.join('').includes('"ready"')) break;
    }
    const url = /"url":"([^"]+)"/.exec(lines.join(''))?.[1];
    assert.match((await run('doctor')).out, /\(embedded, running\)/);
    assert.equal((await fetch(`${url}/health/ready`)).status, 200);
    serving.kill('SIGTERM');
    const [code] = await once(serving, 'exit');
    assert.deepEqual([code, runs()], [0, false]);
  });
});
