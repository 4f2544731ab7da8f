import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { users } from './index.ts';
import type { User } from './schemas.ts';

const password = 'engines need no sleep';

describe('a lock-out', () => {
  let register: TestRegister;
  let now: number;
  beforeEach(async () => {
    const env = { CADASTRE_USERS_LOCKOUT_FAILURES: '3', CADASTRE_USERS_LOCKOUT_ADDRESS_FAILURES: '6' };
    register = await startTestRegister([users], { trustProxy: 1, env });
    now = Date.now();
    register.setClock(new Date(now));
  });
  afterEach(() => register.stop());

  const make = (email: string, active = true): Promise<User> =>
    register.host.api(users).createUser((work) => register.host.transact(testCaller(), work), {
      email,
      role: 'engineer',
      password,
      active,
      mustChangePassword: false,
    });
  const pass = (seconds: number) => {
    now += seconds * 1000;
    register.setClock(new Date(now));
  };
  const login = (email: string, given: string, from = '192.0.2.1') =>
    register.anonymous.post('/auth/login', { email, password: given }, { 'X-Forwarded-For': from });
  async function guess(email: string, times: number, from = '192.0.2.1'): Promise<number[]> {
    const statuses: number[] = [];
    for (let nth = 0; nth < times; nth += 1) statuses.push((await login(email, 'wrong', from)).status);
    return statuses;
  }

  it('begins after some failures, says how long it lasts, and refuses the right password too', async () => {
    await make('ada@example.net');
    assert.deepEqual(await guess('ada@example.net', 4), [401, 401, 401, 429]);
    const { status, body, headers } = await login('ada@example.net', password, '203.0.113.9');
    assert.deepEqual([status, body.type], [429, 'urn:cadastre:error:sign-in-locked']);
    assert.equal(headers['retry-after'], '30');
    assert.match(body.detail, /try again in 30 s/);
    pass(30);
    assert.equal((await login('ada@example.net', password)).status, 200);
    assert.deepEqual(await guess('ada@example.net', 3), [401, 401, 401], 'a success forgives');
  });

  it('lasts twice as long after each further failure', async () => {
    await guess('ada@example.net', 3);
    const waits: number[] = [];
    for (let failure = 0; failure < 4; failure += 1) {
      const wait = Number((await login('ada@example.net', 'wrong')).headers['retry-after']);
      waits.push(wait);
      pass(wait);
      await guess('ada@example.net', 1, `203.0.113.${failure}`);
    }
    assert.deepEqual(waits, [30, 60, 120, 240]);
  });

  it('is the same for a user who does not exist, however the address is typed', async () => {
    await make('ada@example.net');
    await make('gone@example.net', false);
    const answers = [];
    for (const email of ['ada@example.net', 'gone@example.net', 'nobody@example.net']) {
      await guess(email, 2);
      await guess(` ${email.toUpperCase()} `, 1);
      pass(60);
      await guess(email, 1);
      const { status, body, headers } = await login(email, password);
      answers.push({ status, ...body, requestId: '', wait: headers['retry-after'] });
      pass(3_600);
    }
    assert.equal(answers[0].status, 429);
    assert.deepEqual(answers[1], answers[0]);
    assert.deepEqual(answers[2], answers[0]);
  });

  it('is of a client address too, whatever accounts it tries: of IPv6 the /64', async () => {
    await make('ada@example.net');
    for (const [from, neighbour, stranger] of [
      ['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.2'],
      ['2001:db8::1', '2001:db8::ffff', '2001:db8:0:1::1'],
    ] as const) {
      for (let nth = 0; nth < 6; nth += 1) await login(`someone-${nth}@example.net`, 'wrong', from);
      assert.equal((await login('ada@example.net', password, neighbour)).status, 429);
      assert.equal((await login('ada@example.net', password, stranger)).status, 200);
      pass(3_600);
    }
  });

  it('is not undone for an address by somebody who signs in from it', async () => {
    await make('ada@example.net');
    for (let nth = 0; nth < 5; nth += 1) await login(`someone-${nth}@example.net`, 'wrong');
    assert.equal((await login('ada@example.net', password)).status, 200);
    await login('someone-9@example.net', 'wrong');
    assert.equal((await login('ada@example.net', password)).status, 429);
  });

  it('stops guesses that come all at once, and refuses none of as many right sign-ins', async () => {
    await make('ada@example.net');
    const right = await Promise.all(Array.from({ length: 4 }, () => login('ada@example.net', password)));
    assert.ok(right.every(({ status }) => status === 200));
    const guesses = Array.from({ length: 16 }, (_, nth) =>
      login('ada@example.net', `guess ${nth}`, `203.0.113.${nth}`),
    );
    const wrong = await Promise.all(guesses);
    assert.ok(
      wrong.filter(({ status }) => status === 401).length <= 3 + 4,
      'as many as are compared at once',
    );
    assert.ok(wrong.some(({ status }) => status === 429));
  });

  it('is ended by an admin', async () => {
    const ada = await make('ada@example.net');
    await guess('ada@example.net', 3);
    const path = `/users/${ada.id}/unlock`;
    assert.equal((await register.as('engineer').post(path)).status, 403);
    const { status, body } = await register.as('admin').post(path);
    assert.deepEqual([status, body.email], [200, 'ada@example.net']);
    assert.equal((await login('ada@example.net', password)).status, 200);
    assert.equal((await register.as('admin').post('/users/99999/unlock')).status, 404);
  });

  it('guards the current password too, apart from the sign-in: no stranger keeps an owner from changing it', async () => {
    await make('ada@example.net');
    const { body } = await login('ada@example.net', password);
    await guess('ada@example.net', 3);
    const self = register.withToken(body.accessToken);
    const change = (currentPassword: string) =>
      self.post('/users/me/password', { currentPassword, newPassword: 'frequencies that hop' });
    for (let nth = 0; nth < 3; nth += 1) assert.equal((await change('wrong')).status, 422);
    assert.equal((await change(password)).status, 429);
    pass(30);
    assert.equal((await change(password)).status, 204);
  });

  it('keeps no address and no password that was typed in its place, and is forgotten by the job', async () => {
    await guess('hunter2-my-password', 1);
    const rows = () => register.db.query<{ row: string }>('SELECT f::text AS row FROM sign_in_failure f');
    assert.equal((await rows()).length, 2);
    assert.ok((await rows()).every(({ row }) => !/hunter|192\.0\.2/.test(row)));
    await register.runJob('users.purge-failures');
    assert.equal((await rows()).length, 2);
    pass(61);
    await register.runJob('users.purge-failures');
    assert.equal((await rows()).length, 1);
    pass(900);
    await register.runJob('users.purge-failures');
    assert.equal((await rows()).length, 0);
  });
});
