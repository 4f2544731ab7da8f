import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testCertificate, testPassword } from '#core/testing';
import { type PanelBrowser, type ServedPanel, servePanel } from '../testing/panel.ts';
import { circuits } from '../testing/throwaway.ts';

const api = '/admin/api/resources';

describe('the panel over HTTP', () => {
  let panel: ServedPanel;
  let admin: PanelBrowser;
  let viewer: PanelBrowser;
  before(async () => {
    panel = await servePanel([circuits]);
    admin = await panel.signedIn('admin');
    viewer = await panel.signedIn('viewer');
  });
  after(() => panel.register.stop());

  const rows = () =>
    panel.register.db.query<{ id: number; name: string }>('SELECT id, name FROM circuit ORDER BY id');
  const make = async (name: string) => {
    const { body } = await admin.post(`${api}/Circuit/actions/new`).field('name', name).expect(200);
    assert.equal(body.notice.type, 'success', JSON.stringify(body));
    return body.record.id as string;
  };

  it('lets nobody in without a session: pages lead to the sign-in, the rest is 401', async () => {
    const stranger = panel.browser();
    for (const path of ['/admin', '/admin/pages/x']) {
      await stranger.get(path).expect(303).expect('Location', '/admin/login');
    }
    await stranger
      .get(`${api}/Circuit/actions/list`)
      .set('Sec-Fetch-Dest', 'empty')
      .expect(303)
      .expect('Location', '/admin/login');
    for (const path of [
      `${api}/Circuit/actions/list`,
      `${api}/Circuit/actions/search/x`,
      '/admin/api/dashboard',
    ]) {
      await stranger.get(path).expect(401);
    }
    await stranger.post(`${api}/Circuit/actions/new`).field('name', 'x').expect(401);
    await stranger.post('/admin/api/pages/x').expect(401);
    assert.deepEqual(await rows(), []);
  });

  it('leads from the sign-in to the page that was asked for, if it is one of its own', async () => {
    const guest = panel.browser();
    const asked = '/admin/resources/Circuit?filters.name=x';
    const { headers } = await guest.get(asked).expect(303);
    assert.equal(headers.location, `/admin/login?next=${encodeURIComponent(asked)}`);
    const credentials = { email: 'viewer@test.local', password: testPassword };
    const post = (next: string) =>
      panel
        .browser()
        .post(`/admin/login?next=${encodeURIComponent(next)}`)
        .type('form')
        .send(credentials)
        .expect(303);
    assert.equal((await post(asked)).headers.location, asked);
    for (const next of ['https://evil.example', '//evil.example', '/admin//evil', '/admin/\\\\evil', '/x']) {
      assert.equal((await post(next)).headers.location, '/admin/', next);
    }
  });

  it('says no more about a wrong password than about an unknown user', async () => {
    const told = async (email: string) => {
      const { text, headers } = await panel.browser().signIn(email, 'wrong').expect(401);
      assert.equal(headers['set-cookie'], undefined);
      return text.replaceAll(/nonce="[^"]*"|__webpack_nonce__ = "[^"]*"/g, '');
    };
    const wrong = await told('admin@test.local');
    assert.match(wrong, /invalidCredentials/);
    assert.equal(await told('nobody@test.local'), wrong);
  });

  it('gives a session a new id at sign-in, so that one planted beforehand is worth nothing', async () => {
    const victim = panel.browser();
    const planted = 'cadastre.panel=s%3Aplanted.signature';
    const { headers } = await victim
      .signIn('admin@test.local', testPassword)
      .set('Cookie', planted)
      .expect(303);
    const [cookie = ''] = headers['set-cookie'] as unknown as string[];
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=Strict/);
    assert.match(cookie, /Path=\/admin/);
    const first = cookie.split(';')[0];
    const again = await victim.signIn('admin@test.local', testPassword).expect(303);
    assert.notEqual((again.headers['set-cookie'] as unknown as string[])[0]?.split(';')[0], first);
    await panel.browser().get('/admin/api/dashboard').set('Cookie', String(first)).expect(401);
  });

  it('ends a session at sign-out', async () => {
    const user = await panel.signedIn('engineer');
    await user.get('/admin/api/dashboard').expect(200);
    await user.get('/admin/logout').expect(404);
    await user.post('/admin/logout').expect(303);
    await user.get('/admin/api/dashboard').expect(401);
  });

  it('takes changes from its own pages alone', async () => {
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Referer: 'https://evil.example/admin' },
      { 'Sec-Fetch-Site': 'cross-site' },
      {},
    ] as Record<string, string>[]) {
      await admin.post(`${api}/Circuit/actions/new`, headers).field('name', 'x').expect(403);
      await panel.browser().post('/admin/login', headers).type('form').send({}).expect(403);
    }
    assert.deepEqual(await rows(), []);
  });

  it('changes nothing when asked by GET', async () => {
    const id = await make('stays');
    await admin.get(`${api}/Circuit/records/${id}/delete`).expect(200);
    await admin.get(`${api}/Circuit/bulk/bulkDelete?recordIds=${id}`).expect(200);
    await admin.get(`${api}/Circuit/actions/new?name=x`).expect(405);
    // Express has HEAD run the handlers of GET.
    await admin.agent.head(`${api}/Circuit/records/${id}/delete`);
    await admin.agent.head(`${api}/Circuit/bulk/bulkDelete?recordIds=${id}`);
    await admin.agent.head(`${api}/Circuit/actions/new?name=x`).expect(405);
    assert.equal((await rows()).length, 1);
  });

  it('changes the record of the path, whatever key the body names', async () => {
    const [mine, other] = [await make('mine'), await make('other')];
    const { body } = await admin
      .post(`${api}/Circuit/records/${mine}/edit`)
      .field({ id: other, name: 'renamed', secretCode: 'x', '__proto__.polluted': 'yes' })
      .expect(200);
    assert.equal(body.notice.type, 'success');
    const names = new Map((await rows()).map(({ id, name }) => [String(id), name]));
    assert.deepEqual([names.get(mine), names.get(other)], ['renamed', 'other']);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.ok(!JSON.stringify(body).includes('secretCode'));
  });

  it('refuses uploads, and leaves none of them on the disk', async () => {
    const upload = Buffer.alloc(10_007);
    const files = async () => {
      const names = await readdir(tmpdir());
      const sizes = await Promise.all(names.map((name) => stat(join(tmpdir(), name)).catch(() => undefined)));
      return sizes.filter((found) => found?.size === upload.length).length;
    };
    const before = await files();
    await panel.browser().post('/admin/login').attach('password', upload, 'x.bin').expect(422);
    const { status } = await admin
      .post(`${api}/Circuit/actions/new`)
      .field('name', 'x')
      .attach('terms', upload, 'x.bin');
    assert.equal(status, 422);
    assert.equal(await files(), before);
    await admin.post(`${api}/Circuit/actions/new`).field('name', 'x'.repeat(2_000_000)).expect(413);
  });

  it('refuses a viewer by the server, not only by the page', async () => {
    const id = await make('guarded');
    const had = (await rows()).length;
    await viewer.get(`${api}/Circuit/actions/list`).expect(200);
    await viewer.post(`${api}/Circuit/actions/new`).field('name', 'x').expect(403);
    await viewer.post(`${api}/Circuit/records/${id}/edit`).field('name', 'x').expect(403);
    await viewer.post(`${api}/Circuit/records/${id}/delete`).expect(403);
    await viewer.post(`${api}/Circuit/bulk/bulkDelete?recordIds=${id}`).expect(403);
    await viewer.post(`${api}/Circuit/bulk/bulkEdit?recordIds=${id}`).field('name', 'x').expect(403);
    assert.equal((await rows()).length, had);
  });

  it('answers 404 to what there is not, and never 500 to nonsense', async () => {
    for (const path of [
      'Nothing/actions/list',
      'Circuit/actions/nothing',
      'Circuit/actions/constructor',
      'Circuit/records/99999/show',
      'Circuit/records/abc/show',
      'Circuit/records/99999999999999999999999/show',
      "Circuit/records/1'--/edit",
      'Circuit/bulk/bulkDelete?recordIds=abc',
    ]) {
      const { status } = await admin.get(`${api}/${path}`);
      assert.equal(status, 404, path);
    }
    for (const query of [
      'sortBy=passwordHash&direction=sideways',
      'page=-1&perPage=1e9',
      'page=99999999999',
      'page.400000000=1&perPage.400000000=1',
      'filters.prefix=%25',
      'filters.__proto__.x=1',
      'filters.terms=%7B',
      'filters.since~~from=yesterday',
      'filters.bytes=9223372036854775808',
    ]) {
      const { status } = await admin.get(`${api}/Circuit/actions/list?${query}`);
      assert.ok(status < 500, `${query}: ${status}`);
    }
  });

  it('sends pages that run their own scripts only, name no other host, and escape whatever they hold', async () => {
    const { text, headers } = await admin.get('/admin/').expect(200);
    const policy = String(headers['content-security-policy']);
    const [, nonce] = /script-src 'self' 'nonce-([^']+)'/.exec(policy) ?? [];
    assert.ok(nonce && !policy.includes('unsafe'));
    const scripts = text.match(/<(script|style)\b[^>]*>/g) ?? [];
    assert.ok(scripts.length > 5);
    for (const tag of scripts) assert.ok(tag.includes(`nonce="${nonce}"`), tag);
    assert.ok(!/(src|href)="https?:/.test(text));
    const again = await admin.get('/admin/').expect(200);
    assert.notEqual(again.headers['content-security-policy'], policy);
    assert.equal(headers['cache-control'], 'no-store');
  });

  it('bears the security headers on every answer: pages, data, scripts, refusals', async () => {
    for (const [path, status] of [
      ['/admin/', 200],
      [`${api}/Circuit/actions/list`, 200],
      ['/admin/frontend/assets/app.bundle.js', 200],
      [`${api}/Nothing/actions/list`, 404],
      ['/admin/nothing', 404],
    ] as const) {
      const { headers } = await admin.get(path).expect(status);
      assert.match(
        String(headers['content-security-policy']),
        /default-src 'none'.*frame-ancestors 'none'/,
        path,
      );
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/);
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['x-xss-protection'], '0');
      assert.match(String(headers['referrer-policy']), /^(no-referrer|same-origin)$/);
      assert.match(String(headers['strict-transport-security']), /max-age=\d{8}/);
    }
  });

  it('shows a sign-in page whose words cannot end its script', async () => {
    const { text } = await panel.browser().get('/admin/login').expect(200);
    assert.ok(!/JSON\.parse\('/.test(text));
  });

  it('serves its scripts packed, and for ever where the address names their version', async () => {
    const { text } = await admin.get('/admin/').expect(200);
    const [, address = ''] = /src="([^"]*app\.bundle\.js\?v=[^"]*)"/.exec(text) ?? [];
    const { headers } = await admin.get(address).set('Accept-Encoding', 'br').expect(200);
    assert.equal(headers['content-encoding'], 'br');
    assert.match(String(headers['cache-control']), /immutable/);
    await admin.get(address).set('If-None-Match', String(headers.etag)).expect(304);
    const { headers: old } = await admin.get(address.replace(/v=.*/, 'v=old')).expect(200);
    assert.equal(old['cache-control'], 'no-cache');
    await admin.get('/admin/frontend/assets/..%2f..%2fpackage.json').expect(404);
  });
});

describe('the panel before it is bundled', () => {
  it('says so, and when to look again', async () => {
    const panel = await servePanel([circuits], { bundled: false });
    const { text, headers } = await panel.browser().get('/admin').expect(503);
    assert.match(text, /prepared/);
    assert.equal(headers['retry-after'], '3');
    await panel.register.stop();
  });
});

describe("the panel's sign-in", () => {
  it('lets nobody guess on: after so many tries in a minute it refuses the right password too', async () => {
    const panel = await servePanel([circuits], { loginsPerMinute: 3 });
    const guesser = panel.browser();
    for (let guess = 0; guess < 3; guess += 1) await guesser.signIn('admin@test.local', 'wrong').expect(401);
    const { headers } = await guesser.signIn('admin@test.local', testPassword).expect(429);
    assert.ok(headers['retry-after']);
    await panel.register.stop();
  });
});

describe("the panel's cookie", () => {
  const cookieOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['set-cookie']);

  it('is for HTTPS alone where Cadastre serves it itself', async () => {
    const tls = await testCertificate();
    const panel = await servePanel([circuits], { tls });
    const answer = await panel.browser().signIn('admin@test.local', testPassword).expect(303);
    assert.match(cookieOf(answer), /; HttpOnly; Secure; SameSite=Strict/);
    await (await panel.signedIn('viewer')).get('/admin/api/dashboard').expect(200);
    await panel.register.stop();
    await tls.remove();
  });

  it('is for HTTPS alone in production, and a sign-in over plain HTTP says why it cannot be', async () => {
    const panel = await servePanel([circuits], { secure: true, trustProxy: 'loopback' });
    const credentials = { email: 'admin@test.local', password: testPassword };
    const signIn = (headers: Record<string, string>) =>
      panel.browser().post('/admin/login', headers).type('form').send(credentials);
    const host = 'cadastre.example';
    const proxied = { Host: host, 'X-Forwarded-Proto': 'https', Origin: `https://${host}` };
    assert.match(cookieOf(await signIn(proxied).expect(303)), /; Secure/);
    // Browsers keep it for this very machine.
    assert.match(cookieOf(await signIn({ Origin: panel.register.url }).expect(303)), /; Secure/);
    const refused = await signIn({ Host: host, Origin: `http://${host}` }).expect(403);
    assert.match(refused.text, /HTTPS alone: set TLS_CERT/);
    assert.equal(refused.headers['set-cookie'], undefined);
    await panel.register.stop();
  });
});
