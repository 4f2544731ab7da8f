import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { keptLog, startTestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';
import { assertExact } from './testing/space-state.ts';

describe('the look for drift', () => {
  it('gives no false alarm while everybody writes, and is in nobody’s way', async () => {
    const { log, lines } = keptLog('warn');
    const register = await startTestRegister([subnets, allocation], {
      log,
      env: { CADASTRE_ALLOCATION_COOLDOWN_SECONDS: '1' },
    });
    const admin = register.as('admin');
    const { body: home } = await admin.post('/subnets', { cidr: '10.0.0.0/24' });
    const until = Date.now() + 4_000;
    const rounds = { checks: 0, folds: 0, writes: 0 };
    async function keepOn(work: () => Promise<unknown>, count: keyof typeof rounds = 'writes') {
      while (Date.now() < until) {
        await work();
        rounds[count] += 1;
      }
    }
    await Promise.all([
      keepOn(() => register.runJob('subnets.check'), 'checks'),
      keepOn(async () => {
        await register.runJob('subnets.rollup');
        await sleep(50);
      }, 'folds'),
      ...[1, 2, 3].map(() =>
        keepOn(async () => {
          const { status, body } = await admin.post(`/subnets/${home.id}/allocations`, { count: 3 });
          if (status !== 201) return sleep(100);
          await admin.post(`/addresses/${body.addresses[0].id}/release`);
          return admin.delete(`/addresses/${body.addresses[1].id}`);
        }),
      ),
      keepOn(async () => {
        const { body } = await admin.post('/subnets', { cidr: '10.0.0.128/26' });
        await admin.delete(`/subnets/${body.id}?cascade=rehome`);
      }),
      keepOn(async () => {
        const range = { start: '10.0.0.240', end: '10.0.0.250', purpose: 'dhcp' };
        const { body } = await admin.post('/ranges', range);
        await admin.delete(`/ranges/${body.id}`);
      }),
    ]);
    assert.deepEqual(lines, []);
    assert.ok(rounds.checks > 5 && rounds.folds > 5 && rounds.writes > 50, JSON.stringify(rounds));
    // What is still cooling down might be over it between two of the statements that read everything.
    await sleep(1_100);
    await assertExact(register.db.query);
    await register.stop();
  });
});
