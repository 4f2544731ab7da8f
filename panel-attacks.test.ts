import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtInPlugins, users } from '#config/plugins';
import { type PanelBrowser, type ServedPanel, servePanel } from './admin/testing/panel.ts';
import { circuits } from './admin/testing/throwaway.ts';
import { testCaller } from './core/testing/register.ts';
import { Wire } from './core/testing/wire.ts';

const password = 'engines need no sleep at all';
const api = '/admin/api/resources';
const megabyte = 1_048_576;

describe('an attacker of the panel', function () {
  this.timeout(60_000);
  let panel: ServedPanel;
  let admin: PanelBrowser;
  before(async () => {
    panel = await servePanel([...builtInPlugins, circuits]);
    admin = await browserOf(await user('root@example.net', { role: 'admin' }));
    await panel.register.as('admin').post('/subnets', { cidr: '10.0.0.0/24' });
  });
  after(() => panel.register.stop());

  async function user(email: string, given: { role?: 'admin' | 'engineer'; name?: string } = {}) {
    const { host } = panel.register;
    const made = {
      email,
      password,
      role: 'engineer' as const,
      active: true,
      mustChangePassword: false,
      ...given,
    };
    return host.api(users).createUser((work) => host.transact(testCaller(), work), made);
  }

  async function browserOf({ email }: { email: string }, secret = password): Promise<PanelBrowser> {
    const browser = panel.browser();
    await browser.signIn(email, secret).expect(303);
    return browser;
  }

  /** Waits until a session is over; the longest that one may be believed without asking is five seconds. */
  async function untilOut(browser: PanelBrowser): Promise<void> {
    const until = Date.now() + 7_000;
    while ((await browser.get('/admin/api/dashboard')).status !== 401) {
      assert.ok(Date.now() < until, 'the session goes on');
      await sleep(100);
    }
  }

  it('whose account is deactivated is out, and stays so', async () => {
    const { id, email } = await user('leaver@example.net');
    const browser = await browserOf({ email });
    await browser.get('/admin/api/dashboard').expect(200);
    assert.equal((await panel.register.as('admin').patch(`/users/${id}`, { active: false })).status, 200);
    await untilOut(browser);
    await panel.register.as('admin').patch(`/users/${id}`, { active: true });
    await browser.get('/admin/api/dashboard').expect(401);
  });

  it('who holds a session from before the password changed is out', async () => {
    const { id, email } = await user('careful@example.net');
    const [thief, other] = [await browserOf({ email }), await browserOf({ email })];
    const changed = await panel.register.as('admin').patch(`/users/${id}`, { password: `${password} again` });
    assert.equal(changed.status, 200);
    await Promise.all([untilOut(thief), untilOut(other)]);
  });

  it('who plants a session before the sign-in has a stranger in it after', async () => {
    const { email } = await user('victim@example.net');
    const attacker = await browserOf(await user('attacker@example.net'));
    const { headers } = await attacker.get('/admin/api/dashboard').expect(200);
    const planted = String(headers['set-cookie']).split(';')[0] as string;
    const signedIn = await panel.browser().signIn(email, password).set('Cookie', planted).expect(303);
    const given = String(signedIn.headers['set-cookie']).split(';')[0];
    assert.notEqual(given, planted);
    await panel.browser().get('/admin/api/dashboard').set('Cookie', planted).expect(401);
  });

  it('whose name ends the script that it stands in finds it escaped', async () => {
    const name = `</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028`;
    const { email } = await user('script@example.net', { name, role: 'admin' });
    const browser = await browserOf({ email });
    for (const path of [
      '/admin/',
      '/admin/resources/User',
      `/admin/login?next=${encodeURIComponent(name)}`,
    ]) {
      const { text } = await browser.get(path);
      assert.ok(!text.includes('<script>alert'), path);
      assert.ok(!text.includes('<img src=x'), path);
    }
    const { headers, body } = await browser.get(`${api}/User/actions/list`).expect(200);
    assert.match(String(headers['content-type']), /^application\/json/);
    assert.ok(JSON.stringify(body).includes('alert(1)'));
  });

  it('who posts columns that no form has changes none of them', async () => {
    const { id } = await user('plain@example.net');
    const row = async () => {
      const sql = 'SELECT password_hash, version, created_by, name, role FROM app_user WHERE id = $1';
      return (await panel.register.db.query<Record<string, unknown>>(sql, [id]))[0];
    };
    const before = await row();
    const planted = { passwordHash: 'x', password_hash: 'x', createdBy: 'me', created_by: 'me', id: '1' };
    await admin
      .post(`${api}/User/records/${id}/edit`)
      .field({ ...planted, name: 'Plain' })
      .expect(200);
    assert.deepEqual(await row(), { ...before, name: 'Plain', version: Number(before?.version) + 1 });
    const engineer = await browserOf({ email: 'plain@example.net' });
    await engineer.post(`${api}/User/records/${id}/edit`).field({ role: 'admin' }).expect(403);
    assert.equal((await row())?.role, 'engineer');
  });

  it('does not get a password back that was typed into a form, right or wrong', async () => {
    const form = { email: 'nobody', role: 'viewer', password: 'typed-into-a-form' };
    const { text } = await admin.post(`${api}/User/actions/new`).field(form);
    assert.ok(!text.includes('typed-into-a-form'), text.slice(0, 500));
  });

  it('who nests JSON deep is refused, in the body and in a field of a form', async () => {
    for (const depth of [10_000, 100_000, 500_000]) {
      const deep = '['.repeat(depth);
      for (const body of [
        deep,
        `{"name":${deep}`,
        `{"name":${deep}${']'.repeat(depth)}}`.slice(0, megabyte),
      ]) {
        const refused = await admin.post(`${api}/Circuit/actions/new`).type('json').send(body).expect(400);
        assert.match(refused.text, /deeper than 64 levels/);
      }
    }
    const terms = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const { status, text } = await admin.post(`${api}/Circuit/actions/new`).field({ name: 'x', terms });
    assert.deepEqual([status, /deeper than 64 levels/.test(text)], [200, true]);
    const subnet = await admin
      .post(`${api}/Subnet/actions/new`)
      .field({ cidr: '10.9.0.0/24', metadata: terms });
    assert.deepEqual([subnet.status, /deeper than 64 levels/.test(subnet.text)], [200, true]);
  });

  it('who announces 10 MB is refused before any of it is read, signed in or not', async () => {
    const { host } = new URL(panel.register.url);
    const wire = await Wire.to(panel.register.url);
    const head = ['POST /admin/login HTTP/1.1', `Host: ${host}`, `Origin: ${panel.register.url}`];
    wire.send(
      `${[...head, 'Content-Type: application/json', `Content-Length: ${10 * megabyte}`].join('\r\n')}\r\n\r\n{`,
    );
    await wire.until(/^HTTP\/1\.1 413 /);
    wire.end();
  });

  it('who climbs out of the assets, or into what is no page, gets nowhere', async () => {
    for (const climb of [
      ...[
        '../../../package.json',
        '..%2f..%2fpackage.json',
        '%2e%2e/%2e%2e/package.json',
        '..%5c..%5cpackage.json',
      ],
      ...[
        '%00',
        'app.bundle.js%00.png',
        '%c0%ae%c0%ae%2f',
        '....//package.json',
        '/etc/passwd',
        '%252e%252e%252f',
      ],
    ]) {
      for (const folder of ['/admin/frontend/assets/', '/admin/', '/admin/pages/', '/admin/resources/']) {
        const wire = await Wire.to(panel.register.url);
        wire.send(`GET ${folder}${climb} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        await wire.closed;
        const status = Number(/^HTTP\/1\.1 (\d+)/.exec(wire.received)?.[1]);
        assert.ok([303, 400, 404].includes(status), `${folder}${climb}: ${wire.received.slice(0, 300)}`);
        assert.doesNotMatch(wire.received, /"dependencies"|root:x/);
      }
    }
  });

  it('is let through by the panel where REST lets him through, and nowhere else', async () => {
    const { registry } = panel.register.host;
    const deeds = [
      ['get', 'list', (base: string) => base],
      ['post', 'new', (base: string) => base],
    ] as const;
    let compared = 0;
    for (const role of ['admin', 'engineer', 'auditor', 'viewer'] as const) {
      const { email } = await user(`${role}-of-panel@example.net`, { role: role as 'admin' });
      const browser = await browserOf({ email });
      for (const { name, admin: view } of registry.models) {
        for (const [method, action, pathOf] of deeds) {
          const rest =
            view?.rest &&
            registry.routes.find(
              (route) => route.method === method && route.path === pathOf(view.rest as string),
            );
          if (!rest) continue;
          const { status } = await panel.register.as(role)[method](rest.path);
          const answer =
            method === 'get'
              ? await browser.get(`${api}/${name}/actions/${action}`)
              : await browser.post(`${api}/${name}/actions/${action}`).field({});
          compared += 1;
          assert.equal(
            answer.status === 403,
            status === 403,
            `${role} ${method} ${name}: ${answer.status}, ${status}`,
          );
        }
      }
    }
    assert.ok(compared >= 24, String(compared));
  });
});
