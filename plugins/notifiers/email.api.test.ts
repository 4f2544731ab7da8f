import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { notifiers } from './index.ts';
import { deliveriesOf, fill, hurry, notifier, racks } from './testing/kit.ts';
import { Mailbox } from './testing/mailbox.ts';

describe('an e-mail', () => {
  let register: TestRegister;
  const mailbox = new Mailbox();
  const password = 'sm7p-0pen-sesame';
  before(async () => {
    await mailbox.open();
    register = await startTestRegister([notifiers, racks], {
      env: {
        CADASTRE_NOTIFIERS_SMTP_URL: `smtp://ipam:${password}@127.0.0.1:${mailbox.port}`,
        CADASTRE_NOTIFIERS_FROM: 'ipam@example.net',
      },
    });
  });
  after(async () => {
    await register.stop();
    await mailbox.close();
  });
  afterEach(async () => {
    await register.owner.query('DELETE FROM notifier; DELETE FROM job_run');
    mailbox.received.splice(0);
    mailbox.refusals.clear();
  });
  const mail = (to: readonly string[]) => notifier(register, { kind: 'email', settings: { to } });

  it('says what happened, to everybody it is for', async () => {
    const id = await mail(['ada@example.net', 'bob@example.net']);
    await fill(register, 'A4 – Wien');
    await register.runQueued();
    const [received] = mailbox.received;
    const [delivery] = await deliveriesOf(register, id);
    assert.deepEqual([delivery?.state, delivery?.error], ['delivered', null]);
    assert.deepEqual(
      [received?.from, received?.to],
      ['ipam@example.net', ['ada@example.net', 'bob@example.net']],
    );
    assert.equal(received?.credentials, `\0ipam\0${password}`);
    assert.match(received?.headers.get('from') ?? '', /Cadastre <ipam@example\.net>/);
    assert.equal(received?.headers.get('x-cadastre-event'), 'rack.full');
    assert.equal(received?.headers.get('x-cadastre-delivery'), String(delivery?.id));
    assert.match(received?.headers.get('subject') ?? '', /A_?4|rack/);
    assert.match(received?.text ?? '', /There is no room in A4 – Wien any more\./);
    assert.match(received?.text ?? '', /by: user:7/);
    assert.match(received?.text ?? '', /name: A4 – Wien/);
  });

  it('has no header that what happened could put into it', async () => {
    await mail(['ada@example.net']);
    await fill(register, 'A4\r\nBcc: eve@example.net\r\n\r\nHello', 'B\nX-Evil: 1', 'C\u2028X-Evil: 2');
    await register.runQueued();
    assert.equal(mailbox.received.length, 3);
    for (const { to, headers } of mailbox.received) {
      assert.deepEqual(to, ['ada@example.net']);
      assert.deepEqual([headers.has('bcc'), headers.has('x-evil')], [false, false]);
      assert.equal(headers.get('to'), 'ada@example.net');
    }
  });

  it('goes to addresses and nothing else', async () => {
    for (const wrong of [
      'ada@example.net\r\nBcc: eve@example.net',
      'a@b.example, eve@example.net',
      'Ada <ada@example.net>',
      '',
    ]) {
      const { status, body } = await register.as('engineer').post('/notifiers', {
        name: 'wrong',
        kind: 'email',
        events: ['rack.full'],
        settings: { to: [wrong] },
      });
      assert.deepEqual([status, body.errors[0].path], [422, 'body.settings.to.0']);
    }
  });

  it('is tried again where the server has no time, not where it refuses, and not for those who have it', async () => {
    mailbox.refusals.set('busy@example.net', '451 later').set('gone@example.net', '550 no such user');
    const busy = await mail(['busy@example.net']);
    const gone = await mail(['gone@example.net']);
    const some = await mail(['gone@example.net', 'ada@example.net']);
    await fill(register, 'A4');
    await register.runQueued();
    const state = async (id: number) => {
      const [delivery] = await deliveriesOf(register, id);
      return `${delivery?.state} ${delivery?.responseStatus}: ${delivery?.error}`;
    };
    assert.match(await state(busy), /^pending 451: .*451 later/);
    assert.match(await state(gone), /^failed 550: .*550 no such user/);
    assert.match(await state(some), /^delivered null: The server refused gone@example\.net\./);
    mailbox.refusals.clear();
    await hurry(register);
    await register.runQueued();
    assert.match(await state(busy), /^delivered/);
  });

  it('has its password in no answer', async () => {
    const id = await mail(['ada@example.net']);
    await mailbox.close();
    await fill(register, 'A4');
    await register.runQueued();
    const admin = register.as('admin');
    const paths = [`/notifiers/${id}`, '/deliveries', '/jobs', '/notifier-kinds', '/plugins'];
    const said = await Promise.all(paths.map(async (path) => JSON.stringify((await admin.get(path)).body)));
    assert.match(said[1] ?? '', /ECONNREFUSED/);
    assert.equal(said.join('').includes(password), false);
    await mailbox.open();
  });
});
