import assert from 'node:assert/strict';
import { parseEnv } from '#config/env';

describe('the environment', () => {
  const refused = (env: NodeJS.ProcessEnv, why: RegExp) => assert.throws(() => parseEnv(env), why);

  it('takes as trusted proxies a number of them, their addresses or blocks, and the names that Express has', () => {
    const trusted = (text: string) => parseEnv({ TRUST_PROXY: text }).TRUST_PROXY;
    assert.deepEqual(['2', '0', 'false'].map(trusted), [2, 0, false]);
    for (const text of ['10.0.0.0/8', 'loopback, 192.0.2.7', '2001:db8::/32,fd00::1', 'uniquelocal']) {
      assert.equal(trusted(text), text);
    }
    for (const text of ['true', '*', 'proxy.example', '10.0.0.0/33', '10.0.0.1/8/9', '10.0.0']) {
      refused({ TRUST_PROXY: text }, /TRUST_PROXY: Give the number of proxies/);
    }
  });

  it('takes origins as browsers send them, and tells of one that none ever would', () => {
    const origins = 'https://panel.example, http://localhost:5173';
    assert.equal(parseEnv({ CORS_ORIGINS: origins }).CORS_ORIGINS.length, 2);
    for (const text of [
      '*',
      'null',
      'https://panel.example/',
      'panel.example',
      'https://Panel.example',
      'https://a.b:443',
    ]) {
      refused({ CORS_ORIGINS: text }, /CORS_ORIGINS: Give origins as browsers send them/);
    }
  });

  it('takes a certificate and its key together', () => {
    refused({ TLS_CERT: 'cert.pem' }, /TLS_CERT and TLS_KEY belong together/);
    refused({ TLS_KEY: 'key.pem' }, /TLS_CERT and TLS_KEY belong together/);
    assert.equal(parseEnv({ TLS_CERT: 'cert.pem', TLS_KEY: 'key.pem' }).TLS_KEY, 'key.pem');
  });

  it('takes for X-XSS-Protection what browsers know', () => {
    assert.equal(parseEnv({}).X_XSS_PROTECTION, '0');
    assert.equal(parseEnv({ X_XSS_PROTECTION: '1; mode=block' }).X_XSS_PROTECTION, '1; mode=block');
    refused({ X_XSS_PROTECTION: 'on' }, /X_XSS_PROTECTION/);
  });
});

describe('the environment in production', () => {
  const production = (env: NodeJS.ProcessEnv) => () => parseEnv({ NODE_ENV: 'production', ...env });

  it('has a secret of its own, or an RSA key', () => {
    assert.throws(production({}), /JWT_SECRET is required in production/);
    assert.throws(production({ JWT_SECRET: 'short' }), /JWT_SECRET/);
    for (const guessable of ['change-me-change-me-change-me-change-me', 'x'.repeat(40), '0101'.repeat(10)]) {
      assert.throws(production({ JWT_SECRET: guessable }), /anybody could guess/);
    }
    assert.doesNotThrow(production({ JWT_SECRET: 'b7e1Qz0vYk2sLpN6eDfUaOiBxTzRwQ5yE8mXh3Gq' }));
    assert.doesNotThrow(production({ JWT_PRIVATE_KEY: '/etc/cadastre/jwt.pem' }));
  });

  it('does not verify what it cannot sign', () => {
    assert.throws(() => parseEnv({ JWT_PUBLIC_KEY: '/etc/cadastre/jwt.pub' }), /set JWT_PRIVATE_KEY/);
  });
});
