import assert from 'node:assert/strict';
import { redacted } from './redact.ts';

describe('a text without its secrets', () => {
  const hides = (text: string, rest: string) => assert.equal(redacted(text), rest);

  it('has no password in a URL, whatever the password holds', () => {
    hides(
      'at postgres://cadastre:open-sesame@db:5432/x failed',
      'at postgres://cadastre:[redacted]@db:5432/x failed',
    );
    hides('postgres://u:p@ss/w:rd?#@db/x', 'postgres://u:[redacted]@db/x');
    hides('"rediss://:s3cret@cache:6379/0"', '"rediss://:[redacted]@cache:6379/0"');
    hides(
      'postgres://db/x?user=u&password=open&sslmode=require',
      'postgres://db/x?user=u&password=[redacted]&sslmode=require',
    );
    hides('http://127.0.0.1:3000/admin', 'http://127.0.0.1:3000/admin');
  });

  it('has no token, hash or private key', () => {
    hides(
      'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
      'Authorization: Bearer [redacted]',
    );
    hides('/api/v1/tokens/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln/x', '/api/v1/tokens/[redacted]/x');
    hides('the token cad_3fGh-k_92xQ is', 'the token [redacted] is');
    hides(`hash $2b$12$${'a'.repeat(53)}.`, 'hash [redacted]');
    hides('-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----', '[redacted]');
  });

  it('has nothing behind a name of secrets, in a query, a form or JSON, however often quoted', () => {
    hides('/reset?refreshToken=abc&x=1', '/reset?refreshToken=[redacted]&x=1');
    hides('ADMIN_PASSWORD=hunter2 PORT=3000', 'ADMIN_PASSWORD=[redacted] PORT=3000');
    hides(
      '{"email":"a@b.c","newPassword":"hunter \\"2\\"","n":1}',
      '{"email":"a@b.c","newPassword":"[redacted]","n":1}',
    );
    hides(String.raw`"{\"password\": \"hunter2\"}"`, String.raw`"{\"password\": \"[redacted]"`);
  });

  it('says all else as it was', () => {
    for (const text of [
      '10.0.0.0/8 = a/b?c=d',
      'it must read: Bearer <accessToken>',
      'SELECT $2',
      'eyJ',
      'tokens: 3',
    ]) {
      hides(text, text);
    }
  });

  it('is made quickly of any text', () => {
    const before = process.cpuUsage();
    for (const part of ['token', 'a:', '://', 'eyJ', 'password=', '\\"', '-----BEGIN PRIVATE KEY-----']) {
      redacted(`${part.repeat(50_000 / part.length)} =":`);
    }
    const { user } = process.cpuUsage(before);
    assert.ok(user < 2_000_000, `${user} µs`);
  });
});
