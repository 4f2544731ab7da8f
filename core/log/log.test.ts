import assert from 'node:assert/strict';
import { DatabaseError } from 'sequelize';
import { keptLog } from '../testing/log.ts';

describe('the log', () => {
  it('writes one JSON line per event, with an ISO time', () => {
    const { log, lines } = keptLog();
    log.info({ a: 1 }, 'done');
    assert.equal(lines.length, 1);
    assert.partialDeepStrictEqual(lines[0], { level: 30, a: 1, msg: 'done' });
    assert.match(String(lines[0]?.time), /^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('never shows a secret, at the top or one level down', () => {
    const { log, lines } = keptLog();
    const secrets = {
      password: 'p4ss',
      passwordHash: 'p4ss',
      token: 'p4ss',
      accessToken: 'p4ss',
      refreshToken: 'p4ss',
      secret: 'p4ss',
      authorization: 'p4ss',
      cookie: 'p4ss',
    };
    log.info({ ...secrets, body: secrets, headers: secrets });
    assert.doesNotMatch(JSON.stringify(lines), /p4ss/);
    assert.equal(lines[0]?.password, '[redacted]');
  });

  it('never shows a secret in what is said, however it came there', () => {
    const { log, lines } = keptLog();
    const fault = new Error('cannot reach redis://:p4ss@cache');
    log.error(fault);
    log.error({ err: fault });
    log.error({ err: fault }, 'failed: %s', 'token=p4ss');
    log.info('retrying postgres://u:p4ss@db');
    log.info({
      deep: { list: [{ newPassword: 'p4ss' }, 'Bearer p4ssp4ss'], cause: fault },
      key: Buffer.from('p4ss'),
    });
    log.child({ at: 'sub' }).warn({ url: 'https://u:p4ss@host/', tokens: 3, hasPassword: true });
    assert.equal(lines.length, 6);
    assert.doesNotMatch(JSON.stringify(lines), /p4ss/);
    assert.partialDeepStrictEqual(lines[0], {
      msg: 'cannot reach redis://:[redacted]@cache',
      err: { type: 'Error' },
    });
    assert.partialDeepStrictEqual(lines[5], { at: 'sub', tokens: 3, hasPassword: true });
  });

  it('shows the message and stack of a fault, but not the values that a statement carried', () => {
    const { log, lines } = keptLog();
    const original = Object.assign(new Error('syntax error'), {
      sql: 'SELECT 1',
      parameters: ['p4ss'],
      code: '42601',
    });
    log.error({ err: new DatabaseError(original) });
    log.error({ err: original });
    assert.doesNotMatch(JSON.stringify(lines), /p4ss/);
    assert.partialDeepStrictEqual(lines[1]?.err, { type: 'Error', message: 'syntax error', code: '42601' });
    assert.match((lines[0] as { err: { stack: string } }).err.stack, /log\.test\.ts/);
  });

  it('keeps quiet below its level', () => {
    const { log, lines } = keptLog('error');
    log.warn('hm');
    assert.deepEqual(lines, []);
  });
});
