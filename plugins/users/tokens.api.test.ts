import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '#core';
import { type Client, startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { users } from './index.ts';
import type { User } from './schemas.ts';

const password = 'engines need no sleep';

describe('API tokens', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([users], { trustProxy: 1 });
  });
  after(() => register.stop());

  let made = 0;
  async function person(role: Role): Promise<{ user: User; client: Client }> {
    made += 1;
    const user = await register.host
      .api(users)
      .createUser((work) => register.host.transact(testCaller(), work), {
        email: `p${made}@example.net`,
        role,
        password,
        active: true,
        mustChangePassword: false,
      });
    const { body } = await register.anonymous.post('/auth/login', { email: user.email, password });
    return { user, client: register.withToken(body.accessToken) };
  }
  const make = async (client: Client, body: object = {}) => client.post('/tokens', { name: 'ci', ...body });
  const code = ({ status, body }: { status: number; body: { type?: string } }) =>
    `${status} ${body.type?.split(':').at(-1)}`;
  const change = (id: number, body: object) => register.as('admin').patch(`/users/${id}`, body);

  it('are shown once, and kept as a hash', async () => {
    const { user, client } = await person('engineer');
    const { status, body, headers } = await make(client, { role: 'engineer' });
    assert.equal(status, 201);
    const { token, ...shown } = body;
    assert.match(token, /^cad_[\w-]{43}$/);
    assert.equal(headers.location, `/api/v1/tokens/${body.id}`);
    assert.deepEqual(
      [shown.name, shown.role, shown.userId, shown.allowedCidrs, shown.expiresAt, shown.lastUsedAt],
      ['ci', 'engineer', user.id, [], null, null],
    );
    assert.deepEqual((await client.get(`/tokens/${body.id}`)).body, shown);
    assert.deepEqual((await client.get('/tokens')).body.items, [shown]);
    const [row] = await register.db.query<{ row: string; hash: Buffer }>(
      'SELECT t::text AS row, token_hash AS hash FROM api_token t WHERE id = $1',
      [body.id],
    );
    assert.ok(row && !row.row.includes(token.slice(4)));
    assert.ok(row.hash.equals(createHash('sha256').update(token).digest()));
    const again = await client.post('/tokens', { name: 'ci' }, { 'Idempotency-Key': 'k' });
    const third = await client.post('/tokens', { name: 'ci' }, { 'Idempotency-Key': 'k' });
    assert.notEqual(again.body.token, third.body.token, 'a key would have to keep the token readable');
  });

  it('do what their owner and their role both may, in the token’s own name', async () => {
    const { client } = await person('admin');
    const admin = register.withToken((await make(client, { role: 'admin' })).body.token);
    const { status, body } = await admin.post('/users', { email: 'by-token@example.net', password });
    assert.deepEqual([status, /^token:\d+$/.test(body.createdBy)], [201, true]);
    const viewer = register.withToken((await make(client)).body.token);
    const refused = await viewer.get('/users');
    assert.deepEqual([refused.status, refused.body.permission], [403, 'users:read']);
  });

  it('may not have more than their owner: neither engineer nor auditor is more than the other', async () => {
    const allowed = { admin: 4, engineer: 2, auditor: 2 };
    for (const [role, count] of Object.entries(allowed)) {
      const { client } = await person(role as Role);
      const answers = [];
      for (const asked of ['admin', 'engineer', 'auditor', 'viewer']) {
        answers.push(code(await make(client, { role: asked })));
      }
      assert.equal(answers.filter((answer) => answer.startsWith('201')).length, count, role);
      assert.ok(answers.every((answer) => answer.startsWith('201') || answer === '403 role-too-high'));
    }
    const { client } = await person('viewer');
    assert.equal((await make(client)).body.permission, 'tokens:write');
    assert.equal((await client.get('/tokens')).body.permission, 'tokens:read');
  });

  it('shrink with their owner’s role, and grow no further than their own', async () => {
    const { user, client } = await person('engineer');
    const { body } = await make(client, { role: 'engineer' });
    const holder = () => register.host.api(users).holderOf(body.token);
    for (const [role, left] of [
      ['engineer', 'engineer'],
      ['auditor', 'viewer'],
      ['viewer', 'viewer'],
      ['admin', 'engineer'],
    ]) {
      await change(user.id, { role });
      const held = await holder();
      assert.deepEqual([held?.principal.role, held?.principal.ownerId], [left, user.id]);
    }
  });

  it('end with their owner’s deactivation, for good, and with the owner', async () => {
    const { user, client } = await person('engineer');
    const { token } = (await make(client)).body;
    await change(user.id, { active: false });
    assert.equal((await register.withToken(token).get('/users')).status, 401);
    await change(user.id, { active: true });
    assert.equal((await register.withToken(token).get('/users')).status, 401);

    const { user: other, client: theirs } = await person('engineer');
    const second = (await make(theirs, { role: 'engineer' })).body.token;
    assert.equal((await register.as('admin').delete(`/users/${other.id}`)).status, 204);
    assert.equal((await register.withToken(second).get('/users')).status, 401);
  });

  it('live through a change of password, which others do not know of', async () => {
    const { client } = await person('engineer');
    const { token } = (await make(client, { role: 'engineer' })).body;
    const next = { currentPassword: password, newPassword: 'frequencies that hop' };
    assert.equal((await client.post('/users/me/password', next)).status, 204);
    assert.equal((await register.withToken(token).get('/users')).status, 200);
  });

  it('are refused within five seconds of being revoked', async () => {
    const { client } = await person('engineer');
    const { body } = await make(client, { role: 'engineer' });
    const holder = register.withToken(body.token);
    assert.equal((await holder.get('/users')).status, 200);
    assert.equal((await client.delete(`/tokens/${body.id}`)).status, 204);
    const revoked = performance.now();
    while ((await holder.get('/users')).status === 200) await sleep(100);
    assert.ok(performance.now() - revoked < 5_500);
    assert.equal((await client.delete(`/tokens/${body.id}`)).status, 404);
  }).timeout(15_000);

  it('end when they expire, to the moment, also where they were just believed', async () => {
    const { client } = await person('engineer');
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    const { token } = (await make(client, { role: 'engineer', expiresAt })).body;
    assert.equal((await register.withToken(token).get('/users')).status, 200);
    await sleep(1_600);
    const { status, body } = await register.withToken(token).get('/users');
    assert.deepEqual([status, body.type], [401, 'urn:cadastre:error:not-authenticated']);
    const past = await make(client, { expiresAt: '2020-01-01T00:00:00Z' });
    assert.deepEqual([past.status, past.body.errors[0].code], [422, 'in-the-past']);
  });

  it('work from the networks they are for and from nowhere else, at every request', async () => {
    const { client } = await person('engineer');
    const allowedCidrs = ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'];
    const { body } = await make(client, { role: 'engineer', allowedCidrs });
    assert.deepEqual(body.allowedCidrs, ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7/32']);
    const from = async (address: string) =>
      (await register.withToken(body.token).get('/users', { 'X-Forwarded-For': address })).status;
    for (const inside of ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8:1::1', '198.51.100.7']) {
      assert.equal(await from(inside), 200, inside);
    }
    for (const outside of ['192.0.3.9', '::ffff:192.0.3.9', '2001:db9::1', '198.51.100.8', 'unknown']) {
      assert.equal(await from(outside), 403, outside);
    }
    const { body: told } = await register.withToken(body.token).get('/users');
    assert.match(told.detail, /may not be used from .*127\.0\.0\.1/);
  });

  it('do not believe X-Forwarded-For of a client that is no trusted proxy', async () => {
    const plain = await startTestRegister([users]);
    const api = plain.host.api(users);
    const write = <T>(work: Parameters<typeof plain.host.transact<T>>[1]) =>
      plain.host.transact(testCaller(), work);
    const owner = await api.createUser(write, {
      email: 'o@example.net',
      role: 'admin',
      password,
      active: true,
      mustChangePassword: false,
    });
    const { token } = await api.createToken(
      write,
      { id: owner.id, kind: 'user', name: 'o', role: 'admin' },
      { name: 'x', role: 'admin', allowedCidrs: ['192.0.2.0/24'] },
    );
    const { status } = await plain.withToken(token).get('/users', { 'X-Forwarded-For': '192.0.2.9' });
    assert.equal(status, 403);
    await plain.stop();
  });

  it('refuse networks that are none, naming what was meant', async () => {
    const { client } = await person('engineer');
    const { status, body } = await make(client, { allowedCidrs: ['10.0.0.0/8', '192.0.2.5/24'] });
    assert.deepEqual(
      [status, body.errors[0].path, body.errors[0].code],
      [422, 'body.allowedCidrs.1', 'host-bits-set'],
    );
    assert.match(body.detail, /did you mean 192\.0\.2\.0\/24/);
    for (const odd of ['10.0.0.0/33', 'example.net', "' OR 1=1 --", '']) {
      assert.equal((await make(client, { allowedCidrs: [odd] })).status, 422, odd);
    }
  });

  it('take nothing of a client that the server decides', async () => {
    const { client } = await person('engineer');
    for (const field of ['id', 'userId', 'token', 'tokenHash', 'lastUsedAt', 'createdBy']) {
      assert.equal((await make(client, { [field]: 1 })).status, 422, field);
    }
    assert.equal((await make(client, { name: '' })).status, 422);
  });

  it('are seen and revoked by their owner and by admins alone', async () => {
    const [one, other] = [await person('engineer'), await person('auditor')];
    const { body } = await make(one.client);
    const path = `/tokens/${body.id}`;
    assert.equal((await other.client.get(path)).status, 404);
    assert.equal((await other.client.delete(path)).status, 404);
    assert.deepEqual((await other.client.get(`/tokens?userId=${one.user.id}`)).body.items, []);
    const { items, nextCursor } = (await register.as('admin').get('/tokens?limit=1&sort=-createdAt')).body;
    assert.deepEqual([items.length, items[0].id, typeof nextCursor], [1, body.id, 'string']);
    assert.equal((await register.as('admin').get(path)).status, 200);
    assert.equal((await register.as('admin').delete(path)).status, 204);
    assert.equal((await register.as('admin').delete(path)).status, 404);
    assert.equal((await register.as('admin').get('/tokens/..%2f..%2fusers')).status, 422);
  });

  it('are for programs: they make and revoke no tokens, and have no account and no password', async () => {
    const { client } = await person('admin');
    const { body } = await make(client, { role: 'admin' });
    const token = register.withToken(body.token);
    assert.equal((await make(token)).status, 403);
    assert.equal((await token.get('/tokens')).status, 403);
    assert.equal((await token.delete(`/tokens/${body.id}`)).status, 403);
    assert.equal((await token.get('/auth/me')).status, 403);
    const next = { currentPassword: password, newPassword: 'another long sentence' };
    assert.equal((await token.post('/users/me/password', next)).status, 403);
    assert.equal((await register.as('viewer').get('/auth/me')).status, 404);
  });

  it('that nobody made are refused, whatever they look like', async () => {
    for (const token of ['cad_', `cad_${'A'.repeat(43)}`, "cad_' OR 1=1 --", `cad_${'x'.repeat(9_000)}`]) {
      const { status, body } = await register.withToken(token).get('/users');
      assert.deepEqual([status, body.type], [401, 'urn:cadastre:error:not-authenticated']);
    }
  });

  it('note when they were last used, seldom', async () => {
    const { client } = await person('engineer');
    const { body } = await make(client);
    const api = register.host.api(users);
    // As a moment: zeros at the end of a fraction are not written.
    const used = async () => Date.parse((await client.get(`/tokens/${body.id}`)).body.lastUsedAt);
    const at = Date.now() + 60_000;
    try {
      register.setClock(new Date(at));
      await api.holderOf(body.token);
      assert.equal(await used(), at);
      register.setClock(new Date(at + 4 * 60_000));
      await api.holderOf(body.token);
      assert.equal(await used(), at);
      register.setClock(new Date(at + 6 * 60_000));
      await api.holderOf(body.token);
      assert.equal(await used(), at + 6 * 60_000);
    } finally {
      register.setClock(new Date());
    }
  });
});
