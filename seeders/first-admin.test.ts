import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { users } from '#plugins/users';
import { ensureFirstAdmin } from './first-admin.ts';

const email = 'admin@cadastre.local';

describe('the first admin', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([users]);
  });
  afterEach(() => register.stop());

  const ensure = (password?: string, mayBeWeak = false) =>
    ensureFirstAdmin(register.host.api(users), { email, password, mayBeWeak }, testCaller('seed'));
  const login = async (password: string) => register.anonymous.post('/auth/login', { email, password });

  it('gets a random password, told once, however many processes start together', async () => {
    const told = (await Promise.all(Array.from({ length: 5 }, () => ensure()))).filter(Boolean);
    assert.equal(told.length, 1);
    assert.match(String(told[0]?.password), /^[\w-]{24}$/);
    const { status, body } = await login(String(told[0]?.password));
    assert.deepEqual([status, body.user.role, body.user.mustChangePassword], [200, 'admin', true]);
    assert.equal(body.user.createdBy, 'seed');
    assert.equal(await ensure(), undefined);
    assert.equal(await ensure('another password, later'), undefined);
    assert.equal((await login('another password, later')).status, 401);
  });

  it('gets the password that was given, which is not told', async () => {
    assert.equal(await ensure('given by the operator'), undefined);
    const { status, body } = await login('given by the operator');
    assert.deepEqual([status, body.user.mustChangePassword], [200, false]);
  });

  it('may have a weak password where Cadastre is tried out, not in production', async () => {
    await assert.rejects(ensure('Cadastre1234'), /ADMIN_PASSWORD is too weak for production: It is made of/);
    await assert.rejects(ensure('my admin and me'), /must not contain the name/);
    assert.equal(await ensure('Cadastre1234', true), undefined);
    assert.equal((await login('Cadastre1234')).status, 200);
    assert.equal(await ensure('Cadastre1234'), undefined, 'it is looked at where it is used');
  });

  it('is not created beside a user whom another process is just creating', async () => {
    const other = register.host.transact(testCaller(), async (tx) => {
      await tx.query(
        `INSERT INTO app_user (email, name, role, password_hash) VALUES ('ada@example.net', 'Ada', 'admin', 'x')`,
      );
      await sleep(800);
    });
    assert.equal(await ensure(), undefined);
    await other;
    assert.equal((await register.as('admin').get('/users')).body.items.length, 1);
  });
});
