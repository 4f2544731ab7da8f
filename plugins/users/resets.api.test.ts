import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { users } from './index.ts';
import type { User } from './schemas.ts';

const password = 'engines need no sleep';
const next = 'frequencies that hop';

describe('a password that must be changed', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([users]);
  });
  after(() => register.stop());

  it('is all that is served until it is', async () => {
    const hedy = { email: 'hedy@example.net', role: 'admin', password, mustChangePassword: true };
    assert.equal((await register.as('admin').post('/users', hedy)).status, 201);
    const login = (given: string) =>
      register.anonymous.post('/auth/login', { email: hedy.email, password: given });
    const { body: session } = await login(password);
    const self = register.withToken(session.accessToken);
    for (const [method, path] of [
      ['get', '/users'],
      ['post', '/tokens'],
      ['get', '/plugins'],
      ['patch', `/users/${session.user.id}`],
    ] as const) {
      const { status, body } = await self[method](path);
      assert.deepEqual([path, status, body.type], [path, 403, 'urn:cadastre:error:password-change-needed']);
      assert.match(body.detail, /POST \/api\/v1\/users\/me\/password/);
    }
    assert.equal((await self.get('/auth/me')).body.mustChangePassword, true);
    const { body: renewed } = await register.anonymous.post('/auth/refresh', {
      refreshToken: session.refreshToken,
    });
    assert.equal((await register.withToken(renewed.accessToken).get('/users')).status, 403);
    const change = { currentPassword: password, newPassword: next };
    assert.equal((await self.post('/users/me/password', change)).status, 204);
    const { body: again } = await login(next);
    assert.equal((await register.withToken(again.accessToken).get('/users')).status, 200);
  });
});

describe('a link to a new password', () => {
  let register: TestRegister;
  let ada: User;
  beforeEach(async () => {
    register = await startTestRegister([users]);
    ada = (await register.as('admin').post('/users', { email: 'ada@example.net', password })).body;
  });
  afterEach(() => register.stop());

  const ask = () => register.as('admin').post(`/users/${ada.id}/password-reset`);
  const use = (token: string, newPassword = next) =>
    register.anonymous.post('/auth/password-reset', { token, newPassword });
  const login = (given: string) =>
    register.anonymous.post('/auth/login', { email: ada.email, password: given });
  const code = ({ status, body }: { status: number; body: { type?: string } }) =>
    `${status} ${body.type?.split(':').at(-1)}`;

  it('works once, ends every sign-in, and is the user’s own doing', async () => {
    const { body: session } = await login(password);
    const { status, body } = await ask();
    assert.equal(status, 201);
    assert.ok(Math.abs(Date.parse(body.expiresAt) - Date.now() - 3_600_000) < 60_000);
    assert.equal((await login(password)).status, 200, 'until it is used, the old one works');
    assert.equal((await use(body.token)).status, 204);
    assert.equal(code(await use(body.token, 'yet another sentence')), '401 reset-token-invalid');
    assert.equal((await login(password)).status, 401);
    const again = await login(next);
    assert.deepEqual([again.status, again.body.user.mustChangePassword], [200, false]);
    assert.equal(again.body.user.updatedBy, `user:${ada.id}`);
    const refreshed = await register.anonymous.post('/auth/refresh', { refreshToken: session.refreshToken });
    assert.equal(refreshed.status, 401);
  });

  it('works once also where it is used twice at the same time', async () => {
    const { body } = await ask();
    const used = await Promise.all([use(body.token), use(body.token, 'yet another sentence')]);
    assert.deepEqual(used.map(({ status }) => status).sort(), [204, 401]);
  });

  it('is worth nothing after an hour, after a later one, and after the password changed otherwise', async () => {
    const [first, second] = [(await ask()).body.token, (await ask()).body.token];
    assert.equal(code(await use(first)), '401 reset-token-invalid');
    register.setClock(new Date(Date.now() + 3_601_000));
    assert.equal(code(await use(second)), '401 reset-token-invalid');
    register.setClock(new Date());
    await register.as('admin').patch(`/users/${ada.id}`, { password: 'another long sentence' });
    assert.equal(code(await use(second)), '401 reset-token-invalid');
    assert.equal(code(await use('never given')), '401 reset-token-invalid');
  });

  it('is not spent on a password that is refused', async () => {
    const { token } = (await ask()).body;
    const fault = async (given: string) => (await use(token, given)).body.errors[0].code;
    assert.equal(await fault('Password1234'), 'common-password');
    assert.equal(await fault('short'), 'too-small');
    assert.equal((await use(token)).status, 204);
  });

  it('lets in who was locked out', async () => {
    for (let nth = 0; nth < 5; nth += 1) await login('wrong');
    assert.equal((await login(password)).status, 429);
    await use((await ask()).body.token);
    assert.equal((await login(next)).status, 200);
  });

  it('is for active users, made by admins, and kept as a hash', async () => {
    const { token } = (await ask()).body;
    const [row] = await register.db.query<{ row: string }>('SELECT r::text AS row FROM password_reset r');
    assert.ok(row && !row.row.includes(token));
    for (const role of ['engineer', 'auditor', 'viewer'] as const) {
      assert.equal((await register.as(role).post(`/users/${ada.id}/password-reset`)).status, 403);
    }
    await register.as('admin').patch(`/users/${ada.id}`, { active: false });
    assert.equal(code(await ask()), '409 user-inactive');
    assert.equal(code(await use(token)), '401 reset-token-invalid');
    assert.equal((await register.as('admin').post('/users/99999/password-reset')).status, 404);
    assert.equal((await register.anonymous.post('/auth/password-reset', { token })).status, 422);
  });
});
