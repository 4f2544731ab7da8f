import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestDatabase, testDatabase } from './core/testing/database.ts';

const secrets = {
  ADMIN_PASSWORD: 'adm1n-0pen-sesame-77',
  JWT_SECRET: 'jwt-0pen-sesame-0123456789-abcdefghij',
  AUDIT_KEY: 'aud1t-0pen-sesame-0123456789-abcdefghij',
  METRICS_TOKEN: 'metr1cs-0pen-sesame-88',
  CADASTRE_NOTIFIERS_SMTP_URL: 'smtp://ipam:sm7p-0pen-sesame-66@127.0.0.1:1',
  REDIS_URL: 'redis://:red1s-0pen-sesame-99@127.0.0.1:1/0',
};
const guessed = 'gu3ssed-0pen-sesame-11';
const email = 'admin@cadastre.local';

describe('a run that uses every secret', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let dataDir: string;
  before(async () => {
    [database, dataDir] = await Promise.all([testDatabase(), mkdtemp(join(tmpdir(), 'cadastre-secrets-'))]);
  });
  after(async () => {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('has none of them in its log, in what it answers to what it refuses, nor in what doctor says', async () => {
    const env = { ...secrets, DATABASE_URL: database.url, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'trace' };
    const child = spawn(process.execPath, ['main.ts'], { env: { PATH: process.env.PATH, ...env } });
    let output = '';
    let url = '';
    const ready = new Promise<void>((resolve, reject) => {
      const take = (text: unknown) => {
        output += text;
        url ||= /"url":"([^"]+)"/.exec(output)?.[1] ?? '';
        if (output.includes('"msg":"ready"')) resolve();
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', () => reject(new Error(output)));
    });
    await ready;

    const answers: string[] = [];
    async function call(path: string, body?: string, headers: Record<string, string> = {}): Promise<string> {
      const response = await fetch(`${url}${path}`, {
        redirect: 'manual',
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { method: 'POST', body }),
      });
      const text = await response.text();
      if (response.status >= 400) answers.push(text);
      return response.status < 400 ? text : '';
    }
    const json = JSON.stringify;
    const signedIn = await call('/api/v1/auth/login', json({ email, password: secrets.ADMIN_PASSWORD }));
    const { accessToken, refreshToken } = JSON.parse(signedIn);
    const held = { authorization: `Bearer ${accessToken}` };
    const made = await call('/api/v1/tokens', json({ name: 'ci', role: 'viewer' }), held);
    const { token } = JSON.parse(made);
    await call('/api/v1/plugins', undefined, { authorization: `Bearer ${token}` });
    await call('/api/v1/users', json({ token }), { authorization: `Bearer ${token}` });
    await call(`/api/v1/tokens/${token}?token=${token}`, undefined, held);
    await call('/api/v1/auth/login', json({ email, password: guessed }));
    await call('/api/v1/auth/login', `{"email":"${email}","password": ${guessed}}`);
    await call('/api/v1/auth/login', `{"password":"${guessed}"`);
    await call(`/api/v1/auth/login?password=${guessed}`, json({ email: [guessed], password: guessed }));
    await call('/api/v1/users', json({ email: 'x', password: guessed, role: 'boss' }), held);
    await call('/api/v1/users/me/password', json({ currentPassword: guessed, newPassword: guessed }), held);
    const hook = { url: guessed, secret: guessed, [guessed.slice(0, 3)]: 1 };
    await call(
      '/api/v1/notifiers',
      json({ name: 'x', kind: 'webhook', events: ['x'], settings: hook }),
      held,
    );
    await call(`/api/v1/nothing/${accessToken}?refreshToken=${refreshToken}`);
    await call(`/api/v1/subnets?access_token=${accessToken}`, undefined, held);
    await call('/api/v1/subnets', undefined, { authorization: `Bearer ${accessToken}x`, cookie: guessed });
    await call('/api/v1/auth/refresh', json({ refreshToken: `${refreshToken}x` }));
    await call('/metrics', undefined, { authorization: `Bearer ${guessed}` });
    await call('/metrics', undefined, { authorization: `Bearer ${secrets.METRICS_TOKEN}` });
    await call('/admin/login', json({ email, password: guessed }), { origin: url });
    await call('/health/ready');

    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
    const doctor = await new Promise<string>((resolve) => {
      const options = { env: { PATH: process.env.PATH ?? '', ...env }, timeout: 15_000 };
      execFile(process.execPath, ['bin/cadastre.ts', 'doctor'], options, (_, out, err) => resolve(out + err));
    });

    assert.match(output, /Redis is away/);
    assert.match(doctor, /JWT_SECRET/);
    assert.ok(answers.length >= 10, `${answers.length} refusals`);
    const said = `${output}\n${doctor}\n${answers.join('\n')}`;
    const words = [
      ...Object.values(secrets).filter((value) => !value.includes('://')),
      'red1s-0pen-sesame-99',
      'sm7p-0pen-sesame-66',
      new URL(database.url).password,
      guessed,
      accessToken,
      refreshToken,
      token,
    ];
    for (const word of words.filter(Boolean)) {
      const at = said.indexOf(word);
      assert.equal(at, -1, `… ${said.slice(Math.max(0, at - 200), at + 100)} …`);
    }
  });
});
