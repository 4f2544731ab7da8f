import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { users } from './index.ts';
import type { User } from './schemas.ts';

const password = 'engines need no sleep';

describe('passwords', () => {
  let register: TestRegister;
  let grace: User;
  before(async () => {
    register = await startTestRegister([users]);
    grace = (await create({ email: 'grace@example.net' })).body;
  });
  after(() => register.stop());

  const create = (body: object) => register.as('admin').post('/users', { password, ...body });
  const change = (id: number, body: object) => register.as('admin').patch(`/users/${id}`, body);
  const login = (email: string, given = password) =>
    register.anonymous.post('/auth/login', { email, password: given });
  const refresh = (refreshToken: string) => register.anonymous.post('/auth/refresh', { refreshToken });

  it('are long, short enough for bcrypt, uncommon and not their own name', async () => {
    const refused = async (given: string) =>
      (await create({ email: 'weak.one@example.net', password: given })).body;
    assert.match((await refused('too short')).detail, /at least 12 characters/);
    assert.match((await refused('engine-7'.repeat(10))).detail, /at most 72 bytes/);
    assert.equal((await refused('Password1234')).errors[0].code, 'common-password');
    assert.equal((await refused('i am Weak.One')).errors[0].code, 'contains-email');
    const own = await change(grace.id, { password: 'amazing grace, how sweet' });
    assert.deepEqual([own.status, own.body.errors[0].code], [422, 'contains-email']);
  });

  it('end every sign-in when an admin sets another one, as a deactivation does', async () => {
    const { body: mary } = await create({ email: 'mary@example.net' });
    for (const leaving of [{ active: false }, { password: 'another long sentence' }]) {
      const { body: session } = await login(mary.email);
      const { status, body } = await change(mary.id, leaving);
      assert.deepEqual([status, body.mustChangePassword], [200, 'password' in leaving]);
      const refreshed = await refresh(session.refreshToken);
      assert.deepEqual(
        [refreshed.status, refreshed.body.type],
        [401, 'urn:cadastre:error:refresh-token-invalid'],
      );
      assert.equal((await register.withToken(session.accessToken).get('/auth/me')).status, 401);
      await change(mary.id, { active: true });
    }
    assert.equal((await login(mary.email)).status, 401);
    assert.equal((await login(mary.email, 'another long sentence')).status, 200);
  });

  it('are changed by their owner, who knows the current one and is signed out by it', async () => {
    const { body: hedy } = await create({ email: 'hedy@example.net', mustChangePassword: true });
    const { body: session } = await login(hedy.email);
    const self = register.withToken(session.accessToken);
    const ask = (currentPassword: string, newPassword: string) =>
      self.post('/users/me/password', { currentPassword, newPassword });
    const fault = async (current: string, next: string) => (await ask(current, next)).body.errors[0].code;
    const next = 'frequencies that hop';
    assert.equal(await fault('a wrong password', next), 'wrong-password');
    assert.equal(await fault(password, password), 'same-password');
    assert.equal(await fault(password, 'hedy hops around'), 'contains-email');
    assert.equal(await fault(password, 'short'), 'too-small');
    assert.equal((await ask(password, next)).status, 204);
    assert.equal((await refresh(session.refreshToken)).status, 401);
    assert.equal((await login(hedy.email)).status, 401);
    const again = await login(hedy.email, next);
    assert.deepEqual([again.status, again.body.user.mustChangePassword], [200, false]);
    assert.equal((await register.anonymous.post('/users/me/password', {})).status, 401);
    assert.equal(
      (await register.as('viewer').post('/users/me/password', { currentPassword: 'x', newPassword: next }))
        .status,
      404,
    );
  });
});
