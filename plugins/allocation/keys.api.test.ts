import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';

describe('an Idempotency-Key on an allocation', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([subnets, allocation]);
    await as().post('/subnets', { cidr: '10.0.0.0/24' });
  });
  afterEach(() => register.stop());

  const as = () => register.as('engineer');
  const take = (key: string, body: object, path = '/subnets/1/allocations') =>
    as().post(path, body, { 'Idempotency-Key': key });
  const held = async () => (await as().get('/addresses?count=exact&status__ne=free')).body.total as number;

  it('is answered again as the first time, word for word, whatever has become of the address', async () => {
    const wish = {
      count: 2,
      hostname: 'web.example.net',
      mac: '00-1A-2B-3C-4D-5E',
      ttl: 3600,
      tags: ['dmz'],
      metadata: { rack: 7 },
      description: 'A web server',
    };
    const first = await take('k1', wish);
    assert.equal(first.status, 201);
    assert.equal(first.headers['idempotency-replayed'], undefined);
    await as().post(`/addresses/${first.body.addresses[0].id}/release`);
    const again = await take('k1', wish);
    assert.equal(again.status, 201);
    assert.deepEqual(again.body, first.body);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(again.headers['x-change-id'], first.headers['x-change-id']);
    assert.equal(await held(), 1);
  });

  it('is refused for another wish, and for the same of another subnet', async () => {
    await as().post('/subnets', { cidr: '10.0.1.0/24' });
    await take('k1', { hostname: 'a' });
    for (const answer of [
      await take('k1', { hostname: 'b' }),
      await take('k1', { hostname: 'a' }, '/subnets/2/allocations'),
      await take('k1', [{ hostname: 'a' }]),
      await take('k1', { hostname: 'a', strategy: 'last' }),
    ]) {
      assert.equal(answer.status, 422);
      assert.equal(answer.body.type, 'urn:cadastre:error:idempotency-key-reused');
      assert.match(answer.body.detail, /^The Idempotency-Key "k1" was sent with another POST \/subnets/);
    }
    assert.equal(await held(), 1);
  });

  it('is free again where the request was refused', async () => {
    await as().post('/addresses', { address: '10.0.0.7' });
    assert.equal((await take('k1', { address: '10.0.0.7' })).status, 409);
    await as().delete('/addresses/1');
    assert.equal((await take('k1', { address: '10.0.0.7' })).status, 201);
    assert.equal((await take('k1', { address: '10.0.0.7' })).status, 201);
    assert.equal(await held(), 1);
  });

  for (const [name, body] of Object.entries({
    'a single wish': { hostname: 'a' },
    'one by name': { address: '10.0.0.9' },
    'one by another strategy': { strategy: 'random', count: 3 },
    'a list': [{ count: 2 }, { strategy: 'last' }, { address: '10.0.0.77' }],
  })) {
    it(`serves ${name} once, however many ask at once`, async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => take('k1', body)));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
      const [first] = answers;
      for (const each of answers) assert.deepEqual(each.body, first?.body);
      assert.equal(await held(), first?.body.addresses.length);
      const replays = answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true');
      assert.equal(replays.length, 11);
    });
  }

  it('serves one by name once, also where it comes twice among others', async () => {
    const wish = { address: '10.0.0.77' };
    const others = Array.from({ length: 4 }, () => as().post('/subnets/1/allocations', {}));
    const [first, second] = await Promise.all([take('k1', wish), take('k1', wish), ...others]);
    assert.deepEqual([first?.status, second?.status], [201, 201]);
    assert.deepEqual(first?.body, second?.body);
  });

  it('serves many keys at once, each its own', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => take(`k${n % 30}`, { hostname: `h${n % 30}` })),
    );
    assert.equal(await held(), 30);
    for (const [n, answer] of answers.entries()) {
      assert.equal(answer.status, 201);
      assert.deepEqual(answer.body, answers[n % 30]?.body);
    }
  });

  it('is served by the strategy of the subnet, once', async () => {
    await as().patch('/subnets/1', { strategy: 'last' });
    const first = await take('k1', { hostname: 'a' });
    assert.equal(first.body.addresses[0].address, '10.0.0.254');
    await as().patch('/subnets/1', { strategy: null });
    assert.deepEqual((await take('k1', { hostname: 'a' })).body, first.body);
    const second = await take('k2', { hostname: 'b' });
    await as().patch('/subnets/1', { strategy: 'last' });
    assert.deepEqual((await take('k2', { hostname: 'b' })).body, second.body);
  });

  it('is answered also when the subnet is gone', async () => {
    const first = await take('k1', { hostname: 'a' });
    const byStrategy = await take('k2', { strategy: 'last' });
    await register.as('admin').delete('/subnets/1?cascade=delete');
    const answers = await Promise.all([
      take('k1', { hostname: 'a' }),
      take('k1', { hostname: 'b' }),
      take('k3', {}),
      take('k2', { strategy: 'last' }),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 422, 404, 201],
    );
    assert.deepEqual([answers[0]?.body, answers[3]?.body], [first.body, byStrategy.body]);
  });

  it('is neither read nor kept by a dry run', async () => {
    const dry = await take('k1', { hostname: 'a' }, '/subnets/1/allocations?dryRun=true');
    assert.deepEqual([dry.status, dry.body.addresses[0].address], [200, '10.0.0.1']);
    assert.equal((await take('k1', { hostname: 'b' })).status, 201);
  });

  it('counts for a day', async () => {
    await take('k1', { hostname: 'a' });
    await register.db.query("UPDATE idempotency_key SET created_at = now() - interval '25 hours'");
    const later = await take('k1', { hostname: 'b' });
    assert.deepEqual([later.status, later.body.addresses[0].address], [201, '10.0.0.2']);
    assert.deepEqual((await take('k1', { hostname: 'b' })).body, later.body);
  });

  it('has to be readable', async () => {
    const answer = await take('two words', {});
    assert.deepEqual([answer.status, answer.body.errors[0].path], [422, 'header.Idempotency-Key']);
  });
});
