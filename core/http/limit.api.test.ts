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
