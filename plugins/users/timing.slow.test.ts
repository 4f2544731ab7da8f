import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { startTestRegister, testCaller } from '#core/testing';
import { users } from './index.ts';

const password = 'engines need no sleep';
const rounds = 25;

/** The value that `share` of the sorted others lie below. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] as number;
}

describe('how long a refused sign-in takes', () => {
  it('does not tell whether the user exists, is inactive or is locked out', async () => {
    const env = { CADASTRE_USERS_LOCKOUT_FAILURES: '1000', CADASTRE_USERS_LOCKOUT_ADDRESS_FAILURES: '10000' };
    const register = await startTestRegister([users], { env });
    const api = register.host.api(users);
    for (const [email, active] of [
      ['ada@example.net', true],
      ['gone@example.net', false],
      ['locked@example.net', true],
    ] as const) {
      await api.createUser((work) => register.host.transact(testCaller(), work), {
        email,
        role: 'viewer',
        password,
        active,
        mustChangePassword: false,
      });
    }
    await register.db.query(
      `INSERT INTO sign_in_failure VALUES ($1, now() + interval '1 h', now() + interval '1 h')`,
      [createHash('sha256').update('account locked@example.net').digest()],
    );
    const kinds = {
      'a wrong password': ['ada@example.net', 'not the password', 401],
      'nobody of this name': ['nobody@example.net', password, 401],
      'an inactive user': ['gone@example.net', password, 401],
      'a locked user': ['locked@example.net', password, 429],
    } as const;
    const times = new Map(Object.keys(kinds).map((kind) => [kind, [] as number[]]));
    // By turns, so that whatever else this machine does slows all of them down alike.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [kind, [email, given, expected]] of Object.entries(kinds)) {
        const began = performance.now();
        const { status } = await register.anonymous.post('/auth/login', { email, password: given });
        if (round > 0) times.get(kind)?.push(performance.now() - began);
        assert.equal(status, expected, kind);
      }
    }
    await register.stop();
    const sorted = [...times].map(([kind, taken]) => [kind, taken.sort((a, b) => a - b)] as const);
    const noise = Math.max(...sorted.map(([, taken]) => quantile(taken, 0.75) - quantile(taken, 0.25)));
    const medians = sorted.map(([kind, taken]) => ({ kind, ms: quantile(taken, 0.5) }));
    const [least, most] = [Math.min, Math.max].map((pick) => pick(...medians.map(({ ms }) => ms))) as [
      number,
      number,
    ];
    const figures = medians.map(({ kind, ms }) => `${kind} ${ms.toFixed(1)} ms`).join(', ');
    assert.ok(most - least < Math.max(noise, least * 0.05), `${figures}; noise ${noise.toFixed(1)} ms`);
  }).timeout(120_000);
});
