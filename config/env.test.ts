import assert from 'node:assert/strict';
import { parseEnv } from './env.ts';

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
