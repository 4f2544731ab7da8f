import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Sealer } from '#core';
import { createVault } from './vault.ts';

/** A sealer of keys, the first of which seals; a key is named by itself. */
const sealerOf = (...keys: readonly [string, ...string[]]): Sealer => ({
  keyId: keys[0],
  seal: (bytes, by = keys[0]) =>
    keys.includes(by) ? createHmac('sha256', by).update(bytes).digest() : undefined,
});

describe('the vault of secret settings', () => {
  const closed = createVault(sealerOf('former')).close('token', 'sesame');

  it('closes them so that they cannot be read, differently each time', () => {
    assert.equal(closed.includes('sesame'), false);
    assert.notEqual(createVault(sealerOf('former')).close('token', 'sesame'), closed);
    assert.equal(createVault(sealerOf('former')).open('token', closed), 'sesame');
  });

  it('opens what a former key closed, while that is there', () => {
    assert.equal(createVault(sealerOf('now', 'former')).open('token', closed), 'sesame');
    assert.throws(() => createVault(sealerOf('now')).open('token', closed), /AUDIT_KEY that is not there/);
    assert.throws(() => createVault(undefined).open('token', closed), /AUDIT_KEY that is not there/);
  });

  it('opens nothing that was altered, or closed as something else', () => {
    assert.throws(() => createVault(sealerOf('former')).open('secret', closed), /authenticate/);
    assert.throws(
      () => createVault(sealerOf('former')).open('token', closed.replace(/..$/, 'AA')),
      /authenticate/,
    );
  });

  it('without any key keeps them as they are', () => {
    const vault = createVault(undefined);
    assert.equal(vault.isLocked, false);
    assert.equal(vault.open('token', vault.close('token', 'sesame')), 'sesame');
  });
});
