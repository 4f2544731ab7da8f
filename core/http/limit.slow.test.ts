import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { troubles } from '../testing/fixtures/troubles.ts';
import {
  keptLog,
  startTestRedis,
  startTestRegister,
  type TestRedis,
  type TestRegister,
} from '../testing/index.ts';

describe('the rate limit on Redis', function () {
  this.timeout(30_000);
  let redis: TestRedis;
  before(async () => {
    redis = await startTestRedis();
  });
  after(() => redis.stop());

  const { log, lines } = keptLog();
  const start = (redisUrl = redis.url) => startTestRegister([troubles], { ratePerMinute: 20, redisUrl, log });
  const left = async (register: TestRegister) => {
    const { status, headers } = await register.anonymous.get('/troubles/database');
    assert.equal(status, 200);
    return Number(/remaining=(\d+)/.exec(headers.ratelimit ?? '')?.[1]);
  };
  const said = (text: string) => lines.filter(({ msg }) => String(msg).includes(text)).length;

  it('is one count for all processes, of each limit its own', async () => {
    const [one, two] = [await start(), await start()];
    assert.deepEqual([await left(one), await left(two), await left(one)], [19, 18, 17]);
    const statuses: number[] = [];
    for (const register of [one, two, one]) {
      statuses.push((await register.anonymous.post('/troubles/limited')).status);
    }
    assert.deepEqual(statuses, [204, 204, 429]);
    await Promise.all([one.stop(), two.stop()]);
  });

  it('is counted by each process while Redis is away, which the log is told once, and together again after', async () => {
    const register = await start();
    await left(register);
    await redis.kill();
    const alone = [await left(register), await left(register)];
    assert.deepEqual(alone, [19, 18]);
    await sleep(300);
    assert.equal(said('Redis is away'), 1);
    await redis.start();
    for (let tries = 0; said('Redis is back') === 0; tries += 1) {
      assert.ok(tries < 100, 'It did not find Redis again.');
      await sleep(50);
    }
    const other = await start();
    assert.deepEqual([await left(register), await left(other), await left(register)], [19, 18, 17]);
    await Promise.all([register.stop(), other.stop()]);
  });

  it('does not keep a process from starting that finds no Redis', async () => {
    const register = await start('redis://127.0.0.1:1');
    assert.equal(await left(register), 19);
    await register.stop();
  });
});
