import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { definePlugin } from '#core';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { users } from './index.ts';
import type { User } from './schemas.ts';

const password = 'engines need no sleep';
const seen: string[] = [];

const listener = definePlugin({
  name: 'test-listener',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Writes down what happens to users.',
  requires: [users],
  setup(ctx) {
    for (const event of ['user.created', 'user.updated', 'user.deleted'] as const) {
      ctx.on(event, async (_tx, { email }) => void seen.push(`${event} ${email}`));
    }
  },
});

describe('users', () => {
  let register: TestRegister;
  let grace: User;
  before(async () => {
    register = await startTestRegister([users, listener]);
    grace = (await create({ email: 'grace@example.net', role: 'admin' })).body;
  });
  after(() => register.stop());

  const create = (body: object) => register.as('admin').post('/users', { password, ...body });
  const change = (id: number, body: object, headers?: Record<string, string>) =>
    register.as('admin').patch(`/users/${id}`, body, headers);
  const login = (email: string, given = password) =>
    register.anonymous.post('/auth/login', { email, password: given });
  const code = ({ status, body }: { status: number; body: { type: string } }) =>
    `${status} ${body.type.split(':').at(-1)}`;

  it('are created, read, changed, listed and deleted by an admin', async () => {
    const made = await create({ email: 'Linus@Example.net', name: 'Linus', role: 'engineer' });
    assert.deepEqual(
      [made.status, made.headers.location, made.headers.etag],
      [201, `/api/v1/users/${made.body.id}`, '"1"'],
    );
    const { id } = made.body;
    assert.deepEqual((await register.as('admin').get(`/users/${id}`)).body, made.body);
    assert.equal(made.body.email, 'linus@example.net');

    const changed = await change(id, { name: 'L. T.', role: 'viewer' }, { 'If-Match': '"1"' });
    assert.deepEqual([changed.status, changed.headers.etag], [200, '"2"']);
    assert.deepEqual(
      [changed.body.name, changed.body.role, changed.body.updatedBy],
      ['L. T.', 'viewer', 'user:0'],
    );
    assert.equal((await change(id, {})).body.version, 2, 'no change is no version');

    assert.equal((await register.as('admin').delete(`/users/${id}`)).status, 204);
    assert.equal((await register.as('admin').get(`/users/${id}`)).status, 404);
    assert.deepEqual(
      seen.filter((line) => line.endsWith('linus@example.net')),
      ['user.created linus@example.net', 'user.updated linus@example.net', 'user.deleted linus@example.net'],
    );
  });

  it('are viewers named after their address, unless told otherwise', async () => {
    const { body } = await create({ email: 'plain@example.net' });
    assert.deepEqual(
      [body.name, body.role, body.active, body.mustChangePassword, body.lastLoginAt],
      ['plain', 'viewer', true, false, null],
    );
  });

  it('are listed with filters, sorting and chosen fields, never with a hash', async () => {
    const list = (query: string) => register.as('admin').get(`/users?${query}`);
    const { body } = await list('role=admin&sort=-email&count=exact');
    assert.deepEqual(body.items, [grace]);
    assert.deepEqual([body.total, body.nextCursor], [1, null]);
    const chosen = await list('fields=id,email&email__contains=GRACE');
    assert.deepEqual(chosen.body.items, [{ id: grace.id, email: grace.email }]);
    assert.match((await list('emial=x')).body.detail, /did you mean "email"/);
    assert.equal((await list('sort=passwordHash')).status, 422);
    assert.equal((await list('fields=passwordHash')).status, 422);
    const pages = await list('limit=1&sort=lastLoginAt');
    const next = await list(`limit=1&sort=lastLoginAt&cursor=${pages.body.nextCursor}`);
    assert.notEqual(next.body.items[0].id, pages.body.items[0].id);
  });

  it('are seen by all but viewers, and changed by admins alone: 403 names the permission', async () => {
    const calls = [
      ['users:read', 'get', '/users'],
      ['users:read', 'get', `/users/${grace.id}`],
      ['users:write', 'post', '/users'],
      ['users:write', 'patch', `/users/${grace.id}`],
      ['users:write', 'delete', `/users/${grace.id}`],
    ] as const;
    for (const role of ['engineer', 'auditor', 'viewer'] as const) {
      for (const [permission, method, path] of calls) {
        const { status, body } = await register.as(role)[method](path);
        const may = permission === 'users:read' && role !== 'viewer';
        const expected = may ? [200, undefined] : [403, permission];
        assert.deepEqual([status, body.permission], expected, `${role} ${method} ${path}`);
      }
    }
    for (const [, method, path] of calls) assert.equal((await register.anonymous[method](path)).status, 401);
  });

  it('are created once under one Idempotency-Key, and no hash of the password can be guessed from it', async () => {
    const body = { email: 'once@example.net', password };
    const send = () => register.as('admin').post('/users', body, { 'Idempotency-Key': 'once' });
    const [first, again] = [await send(), await send()];
    assert.deepEqual([first.status, again.status, again.text], [201, 201, first.text]);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    const bare = createHash('sha256')
      .update(JSON.stringify([{}, {}, body]))
      .digest();
    const [kept] = await register.db.query<{ hash: Buffer }>(
      'SELECT request_hash AS hash FROM idempotency_key',
    );
    assert.ok(kept && !bare.equals(kept.hash));
  });

  it('have one e-mail address each, however capitalised, also when two come at once', async () => {
    const twice = await Promise.all(
      ['twin@example.net', 'TWIN@example.net'].map((email) => create({ email })),
    );
    assert.deepEqual(twice.map(({ status }) => status).sort(), [201, 409]);
    const taken = await create({ email: 'GRACE@example.net' });
    assert.equal(code(taken), '409 email-taken');
    assert.match(taken.body.detail, /^grace@example\.net belongs to another user/);
    const { body } = await create({ email: 'other@example.net' });
    assert.equal(code(await change(body.id, { email: 'Grace@example.net' })), '409 email-taken');
  });

  it('are refused with every fault of the body, naming the key that was meant', async () => {
    const { status, body } = await create({
      emial: 'a@b.net',
      role: 'boss',
      password: 'short',
      passwordHash: 'x',
    });
    assert.equal(status, 422);
    assert.deepEqual(body.errors.map(({ path }: { path: string }) => path).sort(), [
      'body.email',
      'body.emial',
      'body.password',
      'body.passwordHash',
      'body.role',
    ]);
    assert.match(JSON.stringify(body.errors), /did you mean \\"email\\"/);
    for (const field of ['id', 'version', 'passwordHash', 'lastLoginAt', 'createdBy']) {
      assert.equal((await change(grace.id, { [field]: 1 })).status, 422, field);
    }
    assert.equal((await register.as('admin').get('/users/zero')).status, 422);
  });

  it('are changed only in the state that was read: 412 carries what they are now', async () => {
    const stale = await change(grace.id, { name: 'Nobody' }, { 'If-Match': '"77"' });
    assert.equal(code(stale), '412 version-mismatch');
    assert.equal(stale.body.current.email, grace.email);
    assert.equal(JSON.stringify(stale.body).includes('$2b$'), false);
    const kept = await register.as('admin').delete(`/users/${grace.id}`, undefined, { 'If-Match': '"77"' });
    assert.equal(code(kept), '412 version-mismatch');
    const { body } = await create({ email: 'raced@example.net' });
    const raced = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => change(body.id, { name }, { 'If-Match': '"1"' })),
    );
    assert.deepEqual(raced.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  });

  it('that are not there are 404', async () => {
    assert.equal(code(await register.as('admin').get('/users/99999')), '404 not-found');
    assert.equal(code(await change(99_999, { name: 'x' })), '404 not-found');
    assert.equal(code(await register.as('admin').delete('/users/99999')), '404 not-found');
  });

  it('always include an active admin, also when two leave at once', async () => {
    for (const leaving of [{ role: 'viewer' }, { active: false }]) {
      const { body, status } = await change(grace.id, leaving);
      assert.equal(code({ status, body }), '409 last-admin');
      assert.match(body.detail, /^grace@example\.net is the last active admin/);
    }
    assert.equal(code(await register.as('admin').delete(`/users/${grace.id}`)), '409 last-admin');

    const { body: ada } = await create({ email: 'ada@example.net', role: 'admin' });
    const left = await Promise.all([
      change(ada.id, { role: 'viewer' }),
      register.as('admin').delete(`/users/${grace.id}`),
    ]);
    assert.equal(left.filter(({ status }) => status === 409).length, 1);
    assert.equal((await register.as('admin').get('/users?role=admin&active=true')).body.items.length, 1);
    assert.equal((await change(ada.id, { role: 'admin', active: true })).status, 200);
  });

  it('have a new role from the next request on', async () => {
    const { body: rosa } = await create({ email: 'rosa@example.net' });
    const { body: session } = await login(rosa.email);
    await change(rosa.id, { role: 'admin' });
    assert.equal((await register.withToken(session.accessToken).get('/users')).status, 200);
    await change(rosa.id, { role: 'viewer' });
  });

  it('are found by their address, for other plugins', async () => {
    const api = register.host.api(users);
    assert.equal((await api.findByEmail('PLAIN@example.net'))?.name, 'plain');
    assert.equal(await api.findByEmail('nobody@example.net'), undefined);
    const first = {
      email: 'x@y.net',
      role: 'admin',
      password,
      active: true,
      mustChangePassword: false,
    } as const;
    assert.equal(await api.createFirstUser(testCaller(), first), undefined);
  });

  it('are documented: every route has a summary, a tag and, with a body, an example', () => {
    const own = register.host.registry.routes.filter(({ tag }) => tag === 'Auth' || tag === 'Users');
    assert.equal(own.length, 13);
    for (const { summary, body, example } of own) {
      assert.ok(summary);
      if (body) assert.ok(body.safeParse(example).success, summary);
    }
  });
});
