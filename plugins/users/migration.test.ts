import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { users } from './index.ts';

describe('the tables of users, written to by hand', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([users]);
    await register.db.query(
      `INSERT INTO app_user (email, name, role, password_hash)
       VALUES ('ada@example.net', 'Ada', 'admin', 'x'), ('bob@example.net', 'Bob', 'viewer', 'x')`,
    );
  });
  after(() => register.stop());

  const run = (text: string) => register.owner.query(text);
  const refused = (text: string, constraint: string) =>
    assert.rejects(run(text), { name: 'Problem', message: RegExp(constraint) });
  const row = async () =>
    (
      await register.db.query('SELECT version, created_by AS by FROM app_user WHERE email = $1', [
        'ada@example.net',
      ])
    )[0];

  it('keep the last active admin, whatever is tried', async () => {
    await refused(`UPDATE app_user SET role = 'viewer'`, 'app_user_last_admin');
    await refused(`UPDATE app_user SET active = false WHERE role = 'admin'`, 'app_user_last_admin');
    await refused('DELETE FROM app_user', 'app_user_last_admin');
    await run(`UPDATE app_user SET role = CASE role WHEN 'admin' THEN 'viewer' ELSE 'admin' END`);
    await run(`UPDATE app_user SET role = CASE role WHEN 'admin' THEN 'viewer' ELSE 'admin' END`);
  });

  it('keep one of two admins who leave in transactions that overlap', async () => {
    await run(`UPDATE app_user SET role = 'admin'`);
    const leave = (email: string) =>
      register.host.transact(testCaller(), async (tx) => {
        await tx.query(`UPDATE app_user SET role = 'viewer' WHERE email = $1`, [email]);
        await sleep(150);
      });
    const left = await Promise.allSettled([leave('ada@example.net'), leave('bob@example.net')]);
    assert.deepEqual(left.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await run(`UPDATE app_user SET role = 'admin' WHERE email = 'ada@example.net'`);
    await run(`UPDATE app_user SET role = 'viewer' WHERE email = 'bob@example.net'`);
  });

  it('know the four roles and one user to an address', async () => {
    await refused(`UPDATE app_user SET role = 'boss' WHERE email = 'bob@example.net'`, 'app_user_role_known');
    await assert.rejects(
      run(`UPDATE app_user SET email = 'ADA@example.net' WHERE email = 'bob@example.net'`),
    );
  });

  it('count a version for a change, none for a sign-in', async () => {
    const before = await row();
    assert.match(String(before?.by), /^db:/);
    await run(`UPDATE app_user SET last_login_at = now()`);
    assert.deepEqual(await row(), before);
    await run(`UPDATE app_user SET name = 'Countess'  WHERE email = 'ada@example.net'`);
    assert.equal((await row())?.version, Number(before?.version) + 1);
  });

  it('end the sign-ins of a user who gets another password or is deactivated, and of nobody else', async () => {
    await run(
      `INSERT INTO refresh_token (user_id, family, token_hash, issued_at, expires_at)
       SELECT id, gen_random_uuid(), sha256(email::bytea), now(), now() + interval '1 day' FROM app_user`,
    );
    const live = async () =>
      (
        await run(
          'SELECT email FROM refresh_token t JOIN app_user u ON u.id = user_id WHERE revoked_at IS NULL ORDER BY 1',
        )
      ).map(({ email }) => email);
    await run(`UPDATE app_user SET name = 'Robert' WHERE email = 'bob@example.net'`);
    assert.deepEqual(await live(), ['ada@example.net', 'bob@example.net']);
    await run(`UPDATE app_user SET active = false WHERE email = 'bob@example.net'`);
    assert.deepEqual(await live(), ['ada@example.net']);
    await run(`UPDATE app_user SET password_hash = 'y' WHERE email = 'ada@example.net'`);
    assert.deepEqual(await live(), []);
  });

  it('drop the API tokens and the reset link of who is deactivated, and the link of who gets another password', async () => {
    await run(
      `INSERT INTO api_token (user_id, name, role, token_hash) SELECT id, 'ci', 'viewer', sha256(email::bytea) FROM app_user`,
    );
    await run(
      `INSERT INTO password_reset SELECT id, sha256(email::bytea), now() + interval '1 h' FROM app_user`,
    );
    const left = async (table: string) =>
      (await run(`SELECT email FROM ${table} t JOIN app_user u ON u.id = t.user_id ORDER BY 1`)).map(
        ({ email }) => email,
      );
    await run(`UPDATE app_user SET password_hash = 'z' WHERE email = 'ada@example.net'`);
    assert.deepEqual(await left('password_reset'), ['bob@example.net']);
    await run(`UPDATE app_user SET active = true WHERE email = 'bob@example.net'`);
    assert.deepEqual(await left('password_reset'), ['bob@example.net']);
    await run(`UPDATE app_user SET active = false WHERE email = 'bob@example.net'`);
    assert.deepEqual(await left('password_reset'), []);
    assert.deepEqual(await left('api_token'), ['ada@example.net']);
  });

  it('lock from a number of failures on, each time for twice as long, up to a quarter of an hour', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const fail = async () => {
      await register.db.query(`SELECT count_sign_in_failure('one', 3, interval '15 min', $1)`, [
        new Date(now),
      ]);
      const [row] = await register.db.query<{ until: string | null }>(
        'SELECT locked_until AS until FROM sign_in_failure',
      );
      return row?.until ? (Date.parse(row.until) - now) / 1000 : 0;
    };
    const waits = [await fail(), await fail()];
    for (let failure = 0; failure < 7; failure += 1) {
      const wait = await fail();
      waits.push(wait);
      assert.equal(await fail(), wait, 'while it is locked nothing is counted');
      now += wait * 1000;
    }
    assert.deepEqual(waits, [0, 0, 30, 60, 120, 240, 480, 900, 900]);
    now += 3 * 3_600_000;
    assert.equal(await fail(), 0, 'it is forgiven in time');
    const purge = (at: number) =>
      register.db.query<{ gone: number }>('SELECT purge_sign_in_failures($1) AS gone', [new Date(at)]);
    assert.equal(Number((await purge(now))[0]?.gone), 0);
    assert.equal(Number((await purge(now + 900_000))[0]?.gone), 1);
  });

  it('go without a trace and come back', async () => {
    const folder = new URL('../../migrations/users/', import.meta.url);
    const files = (await readdir(folder)).sort();
    const left = async () =>
      run(`SELECT relname AS name FROM pg_class WHERE relname ~ '^(app_user|refresh_token|api_token|password_reset|sign_in)'
           UNION SELECT proname FROM pg_proc WHERE proname ~ '^(keep_an_admin|end_sign_ins|drop_api|drop_password|count_sign|purge_sign)'`);
    const names = await left();
    for (const file of files.filter((name) => name.endsWith('.down.sql')).reverse()) {
      await run(await readFile(new URL(file, folder), 'utf8'));
    }
    assert.deepEqual(await left(), []);
    for (const file of files.filter((name) => name.endsWith('.up.sql'))) {
      await run(await readFile(new URL(file, folder), 'utf8'));
    }
    assert.equal((await left()).length, names.length);
  });
});
