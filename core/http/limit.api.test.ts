import assert from 'node:assert/strict';
import { troubles } from '../testing/fixtures/troubles.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';

describe('the rate limit', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([troubles], { ratePerMinute: 5 });
  });
  afterEach(() => register.stop());

  it('tells how much is left, and from then on answers 429 with when to come back', async () => {
    const first = await register.anonymous.get('/troubles/database');
    assert.match(first.headers.ratelimit ?? '', /limit=5, remaining=4, reset=\d+/);
    assert.match(first.headers['ratelimit-policy'] ?? '', /5;w=60/);
    for (let i = 0; i < 4; i += 1) await register.anonymous.get('/troubles/database');
    const refused = await register.anonymous.get('/troubles/database');
    assert.equal(refused.status, 429);
    assert.equal(refused.body.type, 'urn:cadastre:error:too-many-requests');
    const wait = Number(refused.headers['retry-after']);
    assert.ok(wait > 0 && wait <= 60);
    assert.match(refused.headers.ratelimit ?? '', /remaining=0/);
  });

  it('is stricter where a route says so', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await register.anonymous.post('/troubles/limited')).status);
    assert.deepEqual(statuses, [204, 204, 429]);
    assert.equal((await register.anonymous.get('/troubles/database')).status, 200);
  });

  it('never holds for health checks', async () => {
    for (let i = 0; i < 8; i += 1) {
      assert.equal((await fetch(`${register.url}/health/live`)).status, 200);
    }
  });
});

describe('a client, for the rate limit,', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([troubles], { ratePerMinute: 50, trustProxy: 'loopback' });
  });
  afterEach(() => register.stop());

  const left = async (forwarded: string) => {
    const { headers } = await register.anonymous.get('/troubles/database', { 'X-Forwarded-For': forwarded });
    return Number(/remaining=(\d+)/.exec(headers.ratelimit ?? '')?.[1]);
  };

  it('is the address that a trusted proxy names, and not what a client says before it', async () => {
    assert.deepEqual(
      [await left('192.0.2.1'), await left('192.0.2.1'), await left('192.0.2.2')],
      [49, 48, 49],
    );
    assert.equal(await left('203.0.113.9, 192.0.2.1'), 47);
  });

  it('is a whole /64 of IPv6, and each IPv4 address, mapped into IPv6 or not', async () => {
    assert.deepEqual([await left('2001:db8:0:1::1'), await left('2001:db8:0:1:ffff::9')], [49, 48]);
    assert.equal(await left('2001:db8:0:2::1'), 49);
    assert.deepEqual([await left('::ffff:192.0.2.1'), await left('::ffff:192.0.2.2')], [49, 49]);
    assert.equal(await left('192.0.2.1'), 48);
  });

  it('is its own address where no proxy is trusted', async () => {
    const strict = await startTestRegister([troubles], { ratePerMinute: 50 });
    for (const [nth, forwarded] of ['192.0.2.1', '192.0.2.2'].entries()) {
      const { headers } = await strict.anonymous.get('/troubles/database', { 'X-Forwarded-For': forwarded });
      assert.match(headers.ratelimit ?? '', new RegExp(`remaining=${49 - nth},`));
    }
    await strict.stop();
  });
});
