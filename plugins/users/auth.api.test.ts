import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { tokenRules } from '#core';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { users } from './index.ts';
import type { Session, User } from './schemas.ts';

const password = 'engines need no sleep';

describe('signing in', () => {
  let register: TestRegister;
  let ada: User;
  let unlucky: User;
  before(async () => {
    register = await startTestRegister([users]);
    const api = register.host.api(users);
    const make = (email: string, role: 'admin' | 'viewer', active = true) =>
      api.createUser((work) => register.host.transact(testCaller(), work), {
        email,
        role,
        password,
        active,
        mustChangePassword: false,
      });
    [ada, unlucky] = await Promise.all([
      make('ada@example.net', 'admin'),
      make('unlucky@example.net', 'viewer'),
      make('gone@example.net', 'viewer', false),
    ]);
  });
  after(() => register.stop());

  const login = (email: string, given = password) =>
    register.anonymous.post('/auth/login', { email, password: given });
  const signedIn = async (email = ada.email): Promise<Session> => (await login(email)).body;
  const refresh = (refreshToken: string) => register.anonymous.post('/auth/refresh', { refreshToken });
  const me = (token: string) => register.withToken(token).get('/auth/me');

  it('answers a pair of tokens and the user, without the hash of the password', async () => {
    const { status, body } = await login('ADA@example.net');
    assert.equal(status, 200);
    assert.deepEqual(
      [body.tokenType, body.expiresIn, body.user.email, body.user.role],
      ['Bearer', 900, ada.email, 'admin'],
    );
    assert.equal(JSON.stringify(body).includes('$2b$'), false);
    const self = await me(body.accessToken);
    assert.deepEqual([self.status, self.body], [200, { ...body.user, grants: [] }]);
    assert.deepEqual(
      [self.body.version, self.headers.etag],
      [1, '"1"'],
      'a sign-in is no change of the record',
    );
    assert.ok(Date.now() - Date.parse(self.body.lastLoginAt) < 60_000);
  });

  it('answers the same, and as late, for a wrong password, an inactive and an unknown user', async () => {
    const answers: object[] = [];
    const quickest = [];
    for (const [email, given] of [
      [ada.email, 'not the password'],
      ['gone@example.net', password],
      ['nobody@example.net', password],
    ]) {
      const times: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const began = performance.now();
        const { status, body } = await login(String(email), given);
        times.push(performance.now() - began);
        if (round === 0) answers.push({ status, ...body, requestId: undefined });
      }
      quickest.push(Math.min(...times));
    }
    assert.deepEqual(answers[1], answers[0]);
    assert.deepEqual(answers[2], answers[0]);
    assert.deepEqual(answers[0], { ...answers[0], status: 401, type: 'urn:cadastre:error:bad-credentials' });
    const told = quickest.map(Math.round).join(', ');
    assert.ok(
      Math.min(...quickest) > Math.max(...quickest) / 2,
      `took ${told} ms; timing.slow.test.ts looks closer`,
    );
  });

  it('refuses what is not a sign-in with 422, naming the key that was meant', async () => {
    const { status, body } = await register.anonymous.post('/auth/login', { email: 'a@b.net', pasword: 'x' });
    assert.equal(status, 422);
    assert.deepEqual(body.errors.map(({ path }: { path: string }) => path).sort(), [
      'body.password',
      'body.pasword',
    ]);
    assert.match(JSON.stringify(body.errors), /did you mean \\"password\\"/);
    assert.equal((await register.anonymous.post('/auth/refresh', {})).status, 422);
    assert.equal((await register.anonymous.post('/auth/logout', {})).status, 422);
  });

  it('is limited to ten tries a minute where limits are on', async () => {
    const limited = await startTestRegister([users], {
      ratePerMinute: 1000,
      env: { CADASTRE_USERS_LOCKOUT_FAILURES: '100' },
    });
    try {
      const tries = Array.from({ length: 11 }, () =>
        limited.anonymous.post('/auth/login', { email: 'x', password: 'y' }),
      );
      const refused = (await Promise.all(tries)).filter(({ status }) => status === 429);
      assert.equal(refused.length, 1);
      assert.ok(Number(refused[0]?.headers['retry-after']) > 0);
    } finally {
      await limited.stop();
    }
  });

  describe('renewing', () => {
    it('gives a new pair and spends the old token', async () => {
      const first = await signedIn();
      const { status, body: second } = await refresh(first.refreshToken);
      assert.equal(status, 200);
      assert.notEqual(second.refreshToken, first.refreshToken);
      assert.deepEqual(Object.keys(second).sort(), Object.keys(first).sort());
      assert.equal((await me(second.accessToken)).status, 200);
      assert.equal((await refresh(second.refreshToken)).status, 200);
    });

    it('ends the whole sign-in where a spent token comes back, the newest token and the access tokens too', async () => {
      const first = await signedIn();
      const { body: second } = await refresh(first.refreshToken);
      const elsewhere = await signedIn();
      const reused = await refresh(first.refreshToken);
      assert.deepEqual([reused.status, reused.body.type], [401, 'urn:cadastre:error:refresh-token-reused']);
      const newest = await refresh(second.refreshToken);
      assert.deepEqual([newest.status, newest.body.type], [401, 'urn:cadastre:error:refresh-token-invalid']);
      assert.equal((await me(second.accessToken)).status, 401);
      assert.equal((await refresh(elsewhere.refreshToken)).status, 200, 'another device stays signed in');
    });

    it('lets one of twenty win that come with the same token at once', async () => {
      const { refreshToken } = await signedIn();
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
      const won = answers.filter(({ status }) => status === 200);
      assert.equal(won.length, 1);
      assert.equal(answers.filter(({ status }) => status === 401).length, 19);
      assert.equal((await refresh(won[0]?.body.refreshToken)).status, 401, 'the copies ended the sign-in');
    });

    it('leaves no token alive when a reuse and a renewal of the newest meet', async () => {
      for (let round = 0; round < 8; round += 1) {
        const first = await signedIn(unlucky.email);
        const { body: second } = await refresh(first.refreshToken);
        const [, newest] = await Promise.all([refresh(first.refreshToken), refresh(second.refreshToken)]);
        if (newest.status === 200) assert.equal((await refresh(newest.body.refreshToken)).status, 401);
      }
    }).timeout(30_000);

    it('ends after seven days', async () => {
      const { refreshToken } = await signedIn();
      const day = 24 * 3_600_000;
      try {
        register.setClock(new Date(Date.now() + 7 * day + 1000));
        assert.equal((await refresh(refreshToken)).body.type, 'urn:cadastre:error:refresh-token-invalid');
        await signedIn();
        const rows = await register.db.query('SELECT 1 FROM refresh_token WHERE user_id = $1', [ada.id]);
        assert.equal(rows.length, 1, 'signing in forgets what has expired');
      } finally {
        register.setClock(new Date());
      }
    });

    it('knows no token that was never given', async () => {
      const { status, body } = await refresh('mXh3Gq1rJt0c8bWZ4vYk2s');
      assert.deepEqual([status, body.type], [401, 'urn:cadastre:error:refresh-token-invalid']);
    });

    it('keeps no token readable in the database', async () => {
      const { refreshToken } = await signedIn();
      const rows = await register.db.query<{ row: string }>('SELECT t::text AS row FROM refresh_token t');
      assert.equal(
        rows.some(({ row }) => row.includes(refreshToken)),
        false,
      );
    });
  });

  it('ends with a sign-out, as often as it is sent', async () => {
    const { accessToken, refreshToken } = await signedIn();
    for (const token of [refreshToken, refreshToken, 'never given']) {
      const { status, text } = await register.anonymous.post('/auth/logout', { refreshToken: token });
      assert.deepEqual([status, text], [204, '']);
    }
    assert.equal((await refresh(refreshToken)).status, 401);
    assert.equal((await me(accessToken)).status, 401);
  });

  describe('an access token', () => {
    const { issuer, audience } = tokenRules;
    const signed = (options: jwt.SignOptions, key = register.tokenKey) =>
      jwt.sign({}, key, { issuer, audience, subject: String(ada.id), expiresIn: 60, ...options });

    it('is believed where it is signed as ours are', async () => {
      assert.equal((await me(signed({}))).status, 200);
    });

    it('is refused where it has expired, has another key, algorithm, audience or issuer, or none', async () => {
      const unsigned = [
        '{"alg":"none"}',
        `{"sub":"${ada.id}","iss":"${issuer}","aud":"${audience}","exp":9999999999}`,
      ];
      const forged = {
        expired: signed({ expiresIn: -1 }),
        'wrong key': signed({}, createSecretKey(randomBytes(32))),
        'wrong algorithm': signed({ algorithm: 'HS512' }),
        'wrong audience': signed({ audience: 'another-api' }),
        'wrong issuer': signed({ issuer: 'another' }),
        'alg=none': `${unsigned.map((part) => Buffer.from(part).toString('base64url')).join('.')}.`,
        'not a token': 'abc',
      };
      for (const [what, token] of Object.entries(forged)) {
        const { status, body, headers } = await me(token);
        assert.deepEqual([what, status, body.type], [what, 401, 'urn:cadastre:error:not-authenticated']);
        assert.match(String(headers['www-authenticate']), /^Bearer/);
      }
      assert.equal((await register.anonymous.get('/auth/me')).status, 401);
    });

    it('is verified with our key and algorithm, whatever its header says', async () => {
      const headers = [
        { kid: '../../dev/null' },
        { kid: "' OR 1=1 --" },
        { jku: 'https://evil.example/keys' },
      ];
      for (const header of headers) {
        assert.equal((await me(signed({ header: { alg: 'HS256', ...header } }))).status, 200);
        const other = createSecretKey(randomBytes(32));
        assert.equal((await me(signed({ header: { alg: 'HS256', ...header } }, other))).status, 401);
      }
    });

    it('is refused where its subject is no active user', async () => {
      for (const subject of ['999999', '0', '-1', '1e3', `${ada.id} OR true`, '9'.repeat(40)]) {
        assert.equal((await me(signed({ subject }))).status, 401, subject);
      }
    });
  });
});
