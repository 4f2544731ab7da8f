import assert from 'node:assert/strict';
import { Receiver, startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { notifiers } from './index.ts';
import { deliveriesOf, fill, hurry, notifier, racks } from './testing/kit.ts';
import { signatureOf } from './webhook.ts';

const secret = 'a sentence that signs';

describe('a webhook', () => {
  let register: TestRegister;
  const receiver = new Receiver();
  before(async () => {
    await receiver.open();
    register = await startTestRegister([notifiers, racks], { env: { CADASTRE_NOTIFIERS_ATTEMPTS: '3' } });
  });
  after(async () => {
    await register.stop();
    await receiver.close();
  });
  afterEach(async () => {
    await register.owner.query('DELETE FROM notifier; DELETE FROM job_run');
    receiver.taken();
    receiver.answers.splice(0);
  });
  const hook = (body: object = {}) =>
    notifier(register, { settings: { url: receiver.url, secret }, ...body });

  it('is POSTed once for each event, signed over time and body', async () => {
    const id = await hook();
    await fill(register, 'A4');
    await register.runQueued();
    const [hooked, ...more] = receiver.taken();
    assert.equal(more.length, 0);
    const { headers, body, json } = hooked as NonNullable<typeof hooked>;
    const [delivery] = await deliveriesOf(register, id);
    const timestamp = String(headers['x-cadastre-timestamp']);
    assert.ok(Math.abs(Number(timestamp) - Date.now() / 1_000) < 30);
    assert.deepEqual(
      [headers['x-cadastre-event'], headers['x-cadastre-delivery'], headers['content-type']],
      ['rack.full', String(delivery?.id), 'application/json'],
    );
    assert.equal(headers['x-cadastre-signature'], `sha256=${signatureOf(secret, timestamp, body)}`);
    assert.deepEqual(
      [json.id, json.event, json.summary, json.actor, json.data],
      [delivery?.id, 'rack.full', 'There is no room in A4 any more.', 'user:7', { name: 'A4' }],
    );
    assert.ok(json.at && json.changeId);
    assert.deepEqual(
      [delivery?.state, delivery?.attempts, delivery?.responseStatus, delivery?.nextAttemptAt],
      ['delivered', 1, 204, null],
    );
    assert.deepEqual(await register.runQueued(), []);
  });

  it('without a secret is not signed', async () => {
    await hook({ settings: { url: receiver.url } });
    await fill(register, 'A4');
    await register.runQueued();
    assert.equal(receiver.taken()[0]?.headers['x-cadastre-signature'], undefined);
  });

  it('is tried again, later each time, until the receiver takes it', async () => {
    receiver.answers.push(500, (response) => response.destroy());
    const id = await hook();
    await fill(register, 'A4');
    await register.runQueued();
    const [first] = await deliveriesOf(register, id);
    assert.deepEqual(
      [first?.state, first?.attempts, first?.responseStatus, first?.error],
      ['pending', 1, 500, 'The receiver answered 500.'],
    );
    const pause = (Date.parse(first?.nextAttemptAt ?? '') - Date.now()) / 1_000;
    assert.ok(pause > 12 && pause <= 15, `${pause}`);
    assert.deepEqual(await register.runQueued(), []);
    await hurry(register);
    await register.runQueued();
    const [second] = await deliveriesOf(register, id);
    assert.deepEqual([second?.state, second?.attempts, second?.responseStatus], ['pending', 2, null]);
    const longer = (Date.parse(second?.nextAttemptAt ?? '') - Date.now()) / 1_000;
    assert.ok(longer > 27 && longer <= 30, `${longer}`);
    await hurry(register);
    await register.runQueued();
    const [third] = await deliveriesOf(register, id);
    assert.deepEqual([third?.state, third?.attempts, third?.error], ['delivered', 3, null]);
    assert.equal(new Set(receiver.taken().map(({ json }) => json.id)).size, 1);
  });

  it('is given up after so many attempts, and sent once more when somebody asks for that', async () => {
    receiver.answers.push(503, 503, 503);
    const id = await hook();
    await fill(register, 'A4');
    for (let nth = 0; nth < 4; nth += 1) {
      await hurry(register);
      await register.runQueued();
    }
    const [failed] = await deliveriesOf(register, id);
    assert.deepEqual([failed?.state, failed?.attempts, failed?.responseStatus], ['failed', 3, 503]);
    assert.equal(receiver.taken().length, 3);
    const again = await register.as('engineer').post(`/deliveries/${failed?.id}/redeliver`);
    assert.deepEqual([again.status, again.body.state, again.body.attempts], [202, 'pending', 0]);
    await register.runQueued();
    const [delivered] = await deliveriesOf(register, id);
    assert.deepEqual([delivered?.state, delivered?.attempts, delivered?.id], ['delivered', 1, failed?.id]);
    assert.equal(receiver.taken()[0]?.headers['x-cadastre-delivery'], String(failed?.id));
    assert.equal((await register.as('engineer').post('/deliveries/999999/redeliver')).status, 404);
  });

  it('leaves a receiver alone for as long as that asks for', async () => {
    receiver.answers.push((response) => response.writeHead(429, { 'retry-after': '120' }).end());
    const id = await hook();
    await fill(register, 'A4');
    await register.runQueued();
    const [waiting] = await deliveriesOf(register, id);
    const pause = (Date.parse(waiting?.nextAttemptAt ?? '') - Date.now()) / 1_000;
    assert.ok(pause > 115 && pause <= 120, `${pause}`);
    await fill(register, 'A5');
    await register.runQueued();
    assert.equal(receiver.taken().length, 1);
  });

  it('that is refused is not tried again, and nothing is where a redirect leads to', async () => {
    const other = new Receiver();
    await other.open();
    receiver.answers.push(404, (response) => response.writeHead(307, { location: other.url }).end());
    const id = await hook();
    await fill(register, 'A4');
    await register.runQueued();
    await fill(register, 'A5');
    await register.runQueued();
    await other.close();
    const found = await deliveriesOf(register, id);
    assert.deepEqual(
      found.map(({ state, attempts, responseStatus }) => [state, attempts, responseStatus]),
      [
        ['failed', 1, 404],
        ['failed', 1, 307],
      ],
    );
    assert.match(found[1]?.error ?? '', /redirects are not followed/);
    assert.equal(other.received.length, 0);
  });

  it('that is gone disables its notifier', async () => {
    receiver.answers.push(410);
    const id = await hook();
    await fill(register, 'A4');
    await register.runQueued();
    await fill(register, 'A5');
    await register.runQueued();
    assert.deepEqual(
      (await deliveriesOf(register, id)).map(({ state, responseStatus }) => [state, responseStatus]),
      [['failed', 410]],
    );
    const { body } = await register.as('viewer').get(`/notifiers/${id}`);
    assert.equal(body.status, 403);
    const { body: shown } = await register.as('engineer').get(`/notifiers/${id}`);
    assert.deepEqual([shown.enabled, shown.updatedBy], [false, 'job:notifiers.send']);
  });

  it('reads little of a long answer', async () => {
    receiver.answers.push((response) => {
      response.writeHead(200);
      const chunk = 'x'.repeat(65_536);
      const go = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', go).on('error', () => undefined);
      go();
    });
    const id = await hook();
    await fill(register, 'A4');
    await register.runQueued();
    assert.equal((await deliveriesOf(register, id))[0]?.state, 'delivered');
  });

  it('to a receiver that is dead keeps nobody else waiting, and those that wait behind it come once it lives', async () => {
    const dead = await hook({ name: 'dead', settings: { url: 'http://127.0.0.1:9/hook' } });
    const alive = await hook();
    await fill(register, ...Array.from({ length: 12 }, (_, nth) => `rack ${nth}`));
    await register.runQueued();
    assert.equal(receiver.taken().length, 12);
    const waiting = await deliveriesOf(register, dead);
    assert.ok(waiting.every(({ state }) => state === 'pending'));
    assert.equal(waiting.filter(({ attempts }) => attempts > 0).length, 5);
    assert.match(waiting[0]?.error ?? '', /ECONNREFUSED/);
    await register.as('engineer').patch(`/notifiers/${dead}`, { settings: { url: receiver.url } });
    await hurry(register);
    await register.runQueued();
    assert.ok((await deliveriesOf(register, dead)).every(({ state }) => state === 'delivered'));
    assert.equal((await deliveriesOf(register, alive)).length, 12);
  });

  it('is not sent for what was undone, nor for a dry run', async () => {
    const id = await hook();
    const { fill: announce } = register.host.api(racks);
    await assert.rejects(
      register.host.transact(testCaller(), async (tx) => {
        await announce(tx, 'A4');
        throw new Error('undo');
      }),
      /undo/,
    );
    await register.host.transact(testCaller(), (tx) => announce(tx, 'A4'), { dryRun: true });
    assert.deepEqual([await register.runQueued(), await deliveriesOf(register, id)], [[], []]);
  });

  it('of a disabled notifier waits until that is enabled, and what happens meanwhile is not told', async () => {
    const id = await hook();
    await fill(register, 'A4');
    const disabled = await register.as('engineer').patch(`/notifiers/${id}`, { enabled: false });
    assert.equal(disabled.status, 200);
    await fill(register, 'A5');
    await register.runQueued();
    assert.equal(receiver.taken().length, 0);
    const [pending] = await deliveriesOf(register, id);
    const refused = await register.as('engineer').post(`/deliveries/${pending?.id}/redeliver`);
    assert.deepEqual([refused.status, refused.body.type], [409, 'urn:cadastre:error:notifier-disabled']);
    await register.as('engineer').patch(`/notifiers/${id}`, { enabled: true });
    await register.runQueued();
    assert.deepEqual(
      receiver.taken().map(({ json }) => json.data),
      [{ name: 'A4' }],
    );
  });

  it('of a deleted notifier is not sent', async () => {
    const id = await hook();
    await fill(register, 'A4');
    assert.equal((await register.as('engineer').delete(`/notifiers/${id}`)).status, 204);
    await register.runQueued();
    assert.deepEqual([receiver.taken(), await deliveriesOf(register, id)], [[], []]);
  });

  it('is sent by one of several at once, each once', async () => {
    await hook();
    await Promise.all(Array.from({ length: 8 }, (_, nth) => fill(register, `rack ${nth}`)));
    await Promise.all(Array.from({ length: 4 }, () => register.runQueued()));
    const ids = receiver.taken().map(({ json }) => json.id);
    assert.deepEqual([ids.length, new Set(ids).size], [8, 8]);
  });

  it('whose sender died is sent by the next, as is one that was left lying', async () => {
    const id = await hook();
    await fill(register, 'A4');
    await register.owner.query(
      `UPDATE delivery SET attempts = 1, due_at = now() + interval '25 s'; DELETE FROM job_run`,
    );
    await register.runJob('notifiers.look-after');
    assert.deepEqual(await register.runQueued(), []);
    await register.owner.query(`UPDATE delivery SET due_at = now()`);
    await register.runJob('notifiers.look-after');
    await register.runQueued();
    assert.deepEqual(
      (await deliveriesOf(register, id)).map(({ state, attempts }) => [state, attempts]),
      [['delivered', 2]],
    );
  });

  it('is given up when it is a day old, and forgotten a month after it ended', async () => {
    const id = await hook();
    await fill(register, 'A4', 'A5');
    await register.owner.query(
      `UPDATE delivery SET created_at = now() - interval '25 hours' WHERE payload ->> 'name' = 'A4'`,
    );
    await register.runJob('notifiers.look-after');
    assert.deepEqual(
      (await deliveriesOf(register, id)).map(({ state, error }) => [state, error]),
      [
        ['failed', 'It could not be tried in time.'],
        ['pending', null],
      ],
    );
    await register.runQueued();
    await register.owner.query(`UPDATE delivery SET finished_at = now() - interval '31 days'`);
    await register.runJob('notifiers.look-after');
    assert.deepEqual(await deliveriesOf(register, id), []);
  });

  it('can be tried out', async () => {
    const id = await hook();
    const { status, body } = await register.as('engineer').post(`/notifiers/${id}/test`);
    assert.deepEqual([status, body.event, body.state], [202, 'notifier.test', 'pending']);
    await register.runQueued();
    const { body: shown } = await register.as('engineer').get(`/deliveries/${body.id}?include=notifier`);
    assert.deepEqual([shown.state, shown.notifier.id], ['delivered', id]);
    assert.equal(receiver.taken()[0]?.headers['x-cadastre-event'], 'notifier.test');
  });
});
