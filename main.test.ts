import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { testCertificate } from './core/testing/certificate.ts';

const password = 'a password for the first admin';

interface Started {
  process: ChildProcess;
  url: string;
  output: string[];
}

describe('npm start', () => {
  let dataDir: string;
  let running: ChildProcess | undefined;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'cadastre-start-'));
  });
  after(async () => {
    running?.kill('SIGTERM');
    if (running && running.exitCode === null) await once(running, 'exit');
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Starts the product on the data directory and waits until it says that it is ready. */
  async function start(env: NodeJS.ProcessEnv = {}): Promise<Started> {
    const child = spawn(process.execPath, ['main.ts'], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: dataDir, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running = child;
    const output: string[] = [];
    child.stderr?.on('data', (text) => output.push(String(text)));
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      output.push(line);
      if (!line.includes('"msg":"ready"')) continue;
      child.stdout?.resume();
      return { process: child, url: JSON.parse(line).url, output };
    }
    throw new Error(`It did not start:\n${output.join('\n')}`);
  }

  async function api(url: string, path: string, body?: unknown, token?: string) {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: each call answers another shape
    return { status: response.status, body: (await response.json()) as any };
  }

  async function signIn(url: string, secret: string): Promise<string> {
    const { status, body } = await api(url, '/auth/login', {
      email: 'admin@cadastre.local',
      password: secret,
    });
    assert.equal(status, 200, JSON.stringify(body));
    return body.accessToken;
  }

  async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code] = await exit;
    return code;
  }

  it('serves on an empty data directory, and prints a random password for the first admin once', async () => {
    const first = await start();
    const printed = /password {2}(\S+)/.exec(first.output.join('\n'))?.[1];
    assert.ok(printed);
    const token = await signIn(first.url, printed);
    const refused = await api(first.url, '/subnets', undefined, token);
    assert.equal(refused.body.type, 'urn:cadastre:error:password-change-needed');
    assert.equal(await kill(first.process, 'SIGTERM'), 0);
    const second = await start();
    assert.doesNotMatch(second.output.join('\n'), /password/);
    assert.equal(await kill(second.process, 'SIGTERM'), 0);
    await rm(dataDir, { recursive: true });
  }).timeout(60_000);

  it('runs the jobs of its plugins, shows its metrics, and ends both with everything else', async () => {
    const { process: child, url } = await start({
      ADMIN_PASSWORD: password,
      METRICS_TOKEN: 'a-token-for-prometheus',
      RATE_LIMIT_PER_MINUTE: '0',
    });
    const token = await signIn(url, password);
    const { body: subnet } = await api(url, '/subnets', { cidr: '192.0.2.0/24' }, token);
    await api(url, `/subnets/${subnet.id}/allocations`, { count: 3 }, token);
    const until = Date.now() + 45_000;
    let used = 0;
    while (used === 0 && Date.now() < until) {
      await sleep(200);
      used = (await api(url, `/subnets/${subnet.id}`, undefined, token)).body.rollup.used;
    }
    assert.equal(used, 3);
    const scrape = (headers: Record<string, string>) => fetch(`${url}/metrics`, { headers });
    assert.equal((await scrape({})).status, 401);
    const figures = await (await scrape({ authorization: 'Bearer a-token-for-prometheus' })).text();
    assert.match(figures, /^cadastre_counter_drift 0$/m);
    assert.equal(await kill(child, 'SIGTERM'), 0);
  }).timeout(60_000);

  it('loses nothing when it, and then its database too, is killed with -9', async () => {
    const first = await start({ ADMIN_PASSWORD: password });
    const token = await signIn(first.url, password);
    const subnet = await api(first.url, '/subnets', { cidr: '10.0.0.0/24' }, token);
    assert.equal(subnet.status, 201);
    const given = await api(first.url, `/subnets/${subnet.body.id}/allocations`, { count: 3 }, token);
    await kill(first.process, 'SIGKILL');

    const second = await start({ ADMIN_PASSWORD: password });
    // The access token is still good: its key is in the data directory.
    const seen = await api(second.url, `/subnets/${subnet.body.id}/addresses`, undefined, token);
    assert.deepEqual(seen.body.items, given.body.addresses);
    await kill(second.process, 'SIGKILL');
    const postmaster = (await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0];
    process.kill(Number(postmaster), 'SIGKILL');

    const third = await start({ ADMIN_PASSWORD: password });
    const next = await api(third.url, `/subnets/${subnet.body.id}/allocations`, {}, token);
    assert.equal(next.body.addresses[0].address, '10.0.0.4');
    assert.equal(await kill(third.process, 'SIGTERM'), 0);
  }).timeout(60_000);

  it('serves HTTPS with a certificate, and does not start without the right one', async () => {
    const certificate = await testCertificate();
    const tls = { TLS_CERT: certificate.cert, TLS_KEY: certificate.key, ADMIN_PASSWORD: password };
    const { process: child, url, output } = await start(tls);
    assert.match(url, /^https:/);
    child.kill('SIGHUP');
    child.stdout?.on('data', (text) => output.push(String(text)));
    const until = Date.now() + 10_000;
    while (!output.join('').includes('the certificate was read')) {
      assert.ok(Date.now() < until, output.join('\n'));
      await sleep(50);
    }
    assert.equal(await kill(child, 'SIGTERM'), 0);
    await certificate.remove();
    await assert.rejects(start(tls), /did not start: TLS_CERT: the file .* cannot be read/);
  }).timeout(60_000);

  it('says which variable is wrong and what it takes, and exits 1', async () => {
    const child = spawn(process.execPath, ['main.ts'], {
      env: { PATH: process.env.PATH, PORT: 'seventy', DATABASE_URL: 'mysql://x' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (text) => {
      said += text;
    });
    const [code] = await once(child, 'exit');
    assert.equal(code, 1);
    assert.match(said, /PORT: .*number.*TCP port/s);
    assert.match(said, /DATABASE_URL: .*PostgreSQL 15/s);
  }).timeout(20_000);
});
