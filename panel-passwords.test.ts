import assert from 'node:assert/strict';
import { users } from '#config/plugins';
import { testCaller } from '#core/testing';
import { type ServedPanel, servePanel } from './admin/testing/panel.ts';

const email = 'ada@example.net';
const password = 'engines need no sleep';
const next = 'frequencies that hop';

describe('passwords in the panel', () => {
  let panel: ServedPanel;
  let id: number;
  beforeEach(async () => {
    panel = await servePanel([users]);
    const { host } = panel.register;
    const ada = await host.api(users).createUser((work) => host.transact(testCaller(), work), {
      email,
      role: 'admin',
      password,
      active: true,
      mustChangePassword: true,
    });
    id = ada.id;
  });
  afterEach(() => panel.register.stop());

  const signIn = async (given: string) => {
    const browser = panel.browser();
    await browser.signIn(email, given).expect(303);
    return browser;
  };

  it('that somebody else knows are changed before anything else is shown or done', async () => {
    const ada = await signIn(password);
    for (const path of ['/admin/', '/admin/resources/User', '/admin/api/resources/User/actions/list']) {
      await ada.get(path).expect(303).expect('Location', '/admin/password');
    }
    await ada.post('/admin/api/resources/User/actions/new').field('email', 'x@example.net').expect(303);
    const { text } = await ada.get('/admin/password').expect(200);
    assert.match(text, /\\"form\\":\\"password\\"|"form":"password"/);

    const change = (fields: object) => ada.post('/admin/password').type('form').send(fields);
    const wrong = await change({ currentPassword: 'no', newPassword: next, repeated: next }).expect(422);
    assert.match(wrong.text, /It is not your password/);
    const typo = await change({ currentPassword: password, newPassword: next, repeated: 'other' }).expect(
      422,
    );
    assert.match(typo.text, /not repeated/);
    await change({ currentPassword: password, newPassword: 'Password1234', repeated: 'Password1234' }).expect(
      422,
    );
    await change({ currentPassword: password, newPassword: next, repeated: next })
      .expect(303)
      .expect('Location', '/admin/');
    await ada.get('/admin/').expect(200);
    await panel.browser().signIn(email, password).expect(401);
  });

  it('end the other sessions of their owner when they change, and when the owner is deactivated', async () => {
    const [here, there] = [await signIn(password), await signIn(password)];
    const fields = { currentPassword: password, newPassword: next, repeated: next };
    await here.post('/admin/password').type('form').send(fields).expect(303);
    await there.get('/admin/').expect(303).expect('Location', '/admin/login');
    await panel.register.as('admin').post('/users', { email: 'eve@example.net', role: 'admin', password });
    const fresh = await signIn(next);
    assert.equal((await panel.register.as('admin').patch(`/users/${id}`, { active: false })).status, 200);
    await fresh.get('/admin/').expect(303).expect('Location', '/admin/login');
  });

  it('are chosen by a link that an admin made, whose token stays in the page', async () => {
    const { body } = await panel.register.as('admin').post(`/users/${id}/password-reset`);
    const guest = panel.browser();
    await guest.get('/admin/reset').expect(200);
    const use = (fields: object) =>
      guest
        .post('/admin/reset')
        .type('form')
        .send({ token: body.token, ...fields });
    const weak = await use({ newPassword: 'short', repeated: 'short' }).expect(422);
    assert.ok(weak.text.includes(body.token));
    await use({ newPassword: next, repeated: next }).expect(303).expect('Location', '/admin/login');
    await use({ newPassword: next, repeated: next }).expect(401);
    const ada = await signIn(next);
    await ada.get('/admin/').expect(200);
  });

  it('lock the sign-in for panel and API alike', async () => {
    for (let guess = 0; guess < 5; guess += 1) await panel.browser().signIn(email, 'wrong').expect(401);
    const { text, headers } = await panel.browser().signIn(email, password).expect(429);
    assert.match(text, /Too many sign-ins have failed/);
    assert.ok(Number(headers['retry-after']) > 0);
    const login = await panel.register.anonymous.post('/auth/login', { email, password });
    assert.equal(login.status, 429);
  });

  it('are asked for by pages of this origin alone, and by nobody who is not signed in', async () => {
    const fields = { currentPassword: password, newPassword: next, repeated: next };
    const ada = await signIn(password);
    await ada
      .post('/admin/password', { Origin: 'https://evil.example' })
      .type('form')
      .send(fields)
      .expect(403);
    await panel.browser().get('/admin/password').expect(303).expect('Location', '/admin/login');
    await panel.browser().post('/admin/password').type('form').send(fields).expect(303);
  });
});

describe('API tokens in the panel', () => {
  let panel: ServedPanel;
  before(async () => {
    panel = await servePanel([users]);
  });
  after(() => panel.register.stop());

  it('are seen and revoked by admins, never shown, and made elsewhere', async () => {
    const { host, db } = panel.register;
    const write = <T>(work: Parameters<typeof host.transact<T>>[1]) => host.transact(testCaller(), work);
    const api = host.api(users);
    async function person(role: 'admin' | 'engineer') {
      const address = `${role}@example.net`;
      const given = { email: address, role, password, active: true, mustChangePassword: false };
      const { id } = await api.createUser(write, given);
      const browser = panel.browser();
      await browser.signIn(address, password).expect(303);
      return { id, browser };
    }
    const { browser: admin } = await person('admin');
    const { browser: engineer, id } = await person('engineer');
    const made = await api.createToken(
      write,
      { id, kind: 'user', name: 'Ada', role: 'engineer' },
      { name: 'ci', role: 'engineer', allowedCidrs: ['127.0.0.0/8'] },
    );
    assert.equal((await panel.register.withToken(made.token).get('/users')).status, 200);

    const tokens = '/admin/api/resources/ApiToken';
    const { body } = await admin.get(`${tokens}/actions/list`).expect(200);
    assert.equal(body.records.length, 1);
    assert.ok(!JSON.stringify(body).includes('tokenHash'));
    await admin.get(`${tokens}/records/${made.id}/show`).expect(200);
    await admin.post(`${tokens}/actions/new`).field('name', 'x').expect(403);
    await admin.post(`${tokens}/records/${made.id}/edit`).field('role', 'admin').expect(403);
    await engineer.get(`${tokens}/actions/list`).expect(403);
    await engineer.post(`${tokens}/records/${made.id}/delete`).expect(403);
    await admin.post(`${tokens}/records/${made.id}/delete`).expect(200);
    assert.deepEqual(await db.query('SELECT 1 FROM api_token'), []);
  });
});
