import assert from 'node:assert/strict';
import { z } from 'zod';
import { definePlugin } from '#core';
import { keptLog, Receiver, startTestRegister, type TestRegister } from '#core/testing';
import { audit } from '#plugins/audit';
import { delegation } from '#plugins/delegation';
import { notifierKind, notifierKinds, notifiers } from './index.ts';
import { deliveriesOf, fill, notifier, racks } from './testing/kit.ts';

const url = 'https://hooks.example.net/cadastre';
const secret = 's1gned-0pen-sesame-01';
const token = 'x0xb-0pen-sesame-02';

/** A kind that a further plugin brings: it tells to a list. */
const told: unknown[] = [];
const chat = definePlugin({
  name: 'chat',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'A test.',
  requires: [notifiers],
  setup: (ctx) =>
    ctx.extend(
      notifierKinds,
      notifierKind({
        name: 'chat',
        summary: 'Writes into a channel.',
        settings: z.strictObject({ channel: z.string().startsWith('#'), token: z.string().min(8) }),
        secrets: ['token'],
        async send({ summary }, settings) {
          told.push({ summary, ...settings });
          if (settings.channel === '#closed') throw new Error(`the token ${settings.token} is not let in`);
          return { outcome: 'delivered' };
        },
      }),
    ),
});

describe('notifiers', () => {
  let register: TestRegister;
  const { log, lines } = keptLog();
  before(async () => {
    register = await startTestRegister([notifiers, racks, chat, audit], { log });
  });
  after(() => register.stop());
  afterEach(() => register.owner.query('DELETE FROM notifier; DELETE FROM job_run'));

  const post = (body: object) =>
    register
      .as('engineer')
      .post('/notifiers', { name: 'one', kind: 'webhook', events: ['rack.full'], ...body });
  const faults = ({ body }: { body: { errors?: { path: string; message: string }[] } }) =>
    Object.fromEntries((body.errors ?? []).map(({ path, message }) => [path, message]));

  it('are created, shown, listed, changed and deleted', async () => {
    const engineer = register.as('engineer');
    const { status, body } = await post({ settings: { url } });
    assert.equal(status, 201, JSON.stringify(body));
    assert.deepEqual(
      [body.kind, body.events, body.enabled, body.settings, body.secrets, body.version],
      ['webhook', ['rack.full'], true, { url }, [], 1],
    );
    const { body: list } = await engineer.get('/notifiers?event=rack.full&kind=webhook&enabled=true');
    assert.deepEqual(
      list.items.map(({ id }: { id: number }) => id),
      [body.id],
    );
    assert.equal((await engineer.get('/notifiers?event=other')).body.items.length, 0);
    const changed = await engineer.patch(`/notifiers/${body.id}`, {
      name: 'two',
      settings: { url: `${url}/2` },
    });
    assert.deepEqual([changed.body.name, changed.body.settings], ['two', { url: `${url}/2` }]);
    assert.equal(
      (await post({ name: 'two', settings: { url } })).body.type,
      'urn:cadastre:error:notifier-taken',
    );
    const stays = await engineer.patch(`/notifiers/${body.id}`, { kind: 'chat' });
    assert.deepEqual([stays.status, stays.body.type], [409, 'urn:cadastre:error:notifier-kind-stays']);
    assert.equal((await engineer.delete(`/notifiers/${body.id}`)).status, 204);
  });

  it('are refused where they could not work, and it is said why', async () => {
    const refused = async (body: object) => {
      const answer = await post(body);
      assert.equal(answer.status, 422, JSON.stringify(answer.body));
      return faults(answer);
    };
    assert.deepEqual(await refused({ settings: { url }, events: ['rack.full', 'rack.built'] }), {
      'body.events.1': 'Nobody can be told of "rack.built"; there are rack.full.',
    });
    assert.deepEqual(await refused({ kind: 'pigeon', settings: {} }), {
      'body.kind': 'There is no such kind; there are webhook, email, chat.',
    });
    assert.deepEqual(await refused({ kind: 'email', settings: { to: ['ada@example.net'] } }), {
      'body.kind': 'Set CADASTRE_NOTIFIERS_SMTP_URL and CADASTRE_NOTIFIERS_FROM first.',
    });
    assert.match((await refused({ settings: {} }))['body.settings.url'] ?? '', /missing/);
    assert.match(
      (await refused({ settings: { url, uri: 1 } }))['body.settings.uri'] ?? '',
      /did you mean "url"/,
    );
    for (const wrong of ['ftp://example.net', 'example.net', 'file:///etc/passwd', 7])
      assert.ok('body.settings.url' in (await refused({ settings: { url: wrong } })));
    const withPassword = await refused({ settings: { url: 'https://ada:secret@example.net' } });
    assert.match(withPassword['body.settings.url'] ?? '', /must have no password/);
    assert.ok('body.settings.secret' in (await refused({ settings: { url, secret: 'short' } })));
    assert.ok('body.secrets.token' in (await refused({ settings: { url }, secrets: { token } })));
    assert.ok('body.events' in (await refused({ settings: { url }, events: [] })));
  });

  it('tell what they can be told of, and by what ways', async () => {
    const { body: events } = await register.as('auditor').get('/notifiable-events');
    assert.deepEqual(events.items, [{ event: 'rack.full', title: 'A rack is full' }]);
    const { body: kinds } = await register.as('auditor').get('/notifier-kinds');
    assert.deepEqual(
      kinds.items.map(({ name, secrets, unusable }: Record<string, unknown>) => [
        name,
        secrets,
        unusable === null,
      ]),
      [
        ['webhook', ['secret'], true],
        ['email', [], false],
        ['chat', ['token'], true],
      ],
    );
    assert.ok('url' in kinds.items[0].settings.properties);
  });

  it('can be of a kind that another plugin brings', async () => {
    await notifier(register, { kind: 'chat', settings: { channel: '#noc', token } });
    await fill(register, 'A4');
    await register.runQueued();
    assert.deepEqual(told.splice(0), [
      { summary: 'There is no room in A4 any more.', channel: '#noc', token },
    ]);
  });

  it('keep a secret until it is replaced or taken away', async () => {
    const engineer = register.as('engineer');
    const id = await notifier(register, { kind: 'chat', settings: { channel: '#noc' }, secrets: { token } });
    const change = async (body: object) => (await engineer.patch(`/notifiers/${id}`, body)).body;
    const stored = async () =>
      JSON.stringify(await register.owner.query('SELECT secrets FROM notifier WHERE id = $1', [id]));
    const before = await stored();
    const moved = await change({ settings: { channel: '#ops' } });
    assert.deepEqual([moved.settings, moved.secrets], [{ channel: '#ops' }, ['token']]);
    await change({ secrets: { token } });
    assert.equal(await stored(), before);
    await change({ secrets: { token: 'another token' } });
    assert.notEqual(await stored(), before);
    const needed = await engineer.patch(`/notifiers/${id}`, { secrets: { token: null } });
    assert.deepEqual([needed.status, 'body.settings.token' in faults(needed)], [422, true]);
    const hook = await notifier(register, { settings: { url, secret } });
    assert.deepEqual(
      (await engineer.patch(`/notifiers/${hook}`, { secrets: { secret: null } })).body.secrets,
      [],
    );
  });

  it('keep their secrets to themselves: not in answers, errors, runs, log, audit log nor, as they are, in the database', async () => {
    const admin = register.as('admin');
    const id = await notifier(register, { kind: 'chat', settings: { channel: '#closed', token } });
    await notifier(register, { settings: { url, secret } });
    await admin.patch(`/notifiers/${id}`, { description: 'Changed' });
    await fill(register, 'A4');
    await register.runQueued();
    const [delivery] = await deliveriesOf(register, id);
    assert.equal(delivery?.error, 'the token … is not let in');
    const answers = await Promise.all(
      [
        '/notifiers?include=',
        `/notifiers/${id}`,
        '/deliveries',
        '/jobs',
        '/audit-logs?entity=notifier',
        '/notifier-kinds',
      ].map(async (path) => JSON.stringify((await admin.get(path.replace('?include=', ''))).body)),
    );
    const rows = await Promise.all(
      ['notifier', 'delivery', 'job_run', 'audit_log', 'outbox'].map(async (table) =>
        JSON.stringify(await register.owner.query(`SELECT * FROM ${table}`)),
      ),
    );
    assert.match(rows[0] ?? '', /gcm:/);
    const { body: log } = await admin.get('/audit-logs?entity=notifier&action=create&limit=1');
    assert.deepEqual(log.items[0].secrets, ['secrets']);
    assert.equal((await admin.get('/audit-logs?entity=delivery')).body.items.length, 0);
    const said = [...answers, ...rows, ...lines.map((line) => JSON.stringify(line))].join('\n');
    for (const word of [secret, token]) assert.equal(said.includes(word), false, word);
  });
});

describe('what somebody does who may write in a branch alone', () => {
  it('is told, too', async () => {
    const register = await startTestRegister([notifiers, delegation]);
    try {
      const id = await notifier(register, { events: ['subnet.deleted'], settings: { url } });
      const { body: subnet } = await register.as('admin').post('/subnets', { cidr: '10.20.0.0/24' });
      const account = { email: 'delegated@example.net', password: 'engines need no sleep' };
      const { body: user } = await register.as('admin').post('/users', { ...account, role: 'viewer' });
      await register.as('admin').post('/grants', {
        userId: user.id,
        role: 'engineer',
        vrf: 'global',
        cidr: '10.20.0.0/16',
      });
      const { body: session } = await register.anonymous.post('/auth/login', account);
      const delegated = register.withToken(session.accessToken);
      assert.equal((await delegated.delete(`/subnets/${subnet.id}`)).status, 204);
      const [delivery] = await deliveriesOf(register, id);
      assert.equal(delivery?.summary, 'The subnet 10.20.0.0/24 was deleted.');
    } finally {
      await register.stop();
    }
  });
});

describe('where webhooks may lead', () => {
  const receiver = new Receiver();
  before(receiver.open);
  after(receiver.close);

  async function errorsOf(env: NodeJS.ProcessEnv, urls: readonly string[]): Promise<(string | null)[]> {
    const register = await startTestRegister([notifiers, racks], { env });
    try {
      const ids: number[] = [];
      for (const to of urls) ids.push(await notifier(register, { settings: { url: to } }));
      await fill(register, 'A4');
      await register.runQueued();
      const all = await Promise.all(ids.map((id) => deliveriesOf(register, id)));
      return all.map(([delivery]) => `${delivery?.state}: ${delivery?.error}`);
    } finally {
      await register.stop();
    }
  }
  const hosts = () =>
    ['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]'].map(
      (host) => `http://${host}:${receiver.port}/`,
    );

  it('is everywhere but to link-local addresses and metadata services', async () => {
    const found = await errorsOf({}, [
      'http://169.254.169.254/latest/meta-data',
      'http://[fe80::1]/',
      'http://0.0.0.0:80/',
      'http://[::ffff:169.254.169.254]/',
      ...hosts(),
    ]);
    for (const error of found.slice(0, 4)) assert.match(error ?? '', /^failed: .* where nothing is sent\.$/);
    assert.deepEqual(found.slice(4, 6), ['delivered: null', 'delivered: null']);
    assert.equal(receiver.taken().length >= 3, true);
  });

  it('is not this host, whatever name it has, where that is forbidden', async () => {
    const found = await errorsOf({ CADASTRE_NOTIFIERS_ALLOW_PRIVATE: '0' }, hosts());
    for (const error of found)
      assert.match(error ?? '', /^failed: .* CADASTRE_NOTIFIERS_ALLOW_PRIVATE is off\.$/);
    assert.deepEqual(receiver.taken(), []);
  });
});
