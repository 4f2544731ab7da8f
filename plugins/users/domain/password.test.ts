import assert from 'node:assert/strict';
import { passwordFault } from './password.ts';

const verdict = (password: string, email = 'ada.lovelace@example.net') =>
  passwordFault(password, email)?.code;

describe('a password', () => {
  it('has at least twelve characters', () => {
    assert.equal(verdict('engine-no-1'), 'too-short');
    assert.equal(verdict('engine-no-12'), undefined);
  });

  it('has at most 72 bytes, since bcrypt reads no further', () => {
    assert.equal(verdict('engine-7'.repeat(9)), undefined);
    assert.equal(verdict(`${'engine-7'.repeat(9)}!`), 'too-long');
    assert.equal(verdict('äöü€'.repeat(9)), 'too-long');
  });

  it('is not one that everybody tries first, however capitalised', () => {
    for (const common of ['123456789012', 'Password1234', 'QwertyUiop123', 'correcthorsebatterystaple']) {
      assert.equal(verdict(common), 'common-password');
    }
    for (const dull of ['aaaaaaaaaaaa', '121212121212', 'AbabABABabab']) {
      assert.equal(verdict(dull), 'common-password');
    }
  });

  it('does not contain the name in the e-mail address, unless that is too short to tell', () => {
    assert.equal(verdict('my-Ada.Lovelace-77'), 'contains-email');
    assert.equal(verdict('in-granada-1843', 'ada@example.net'), undefined);
  });
});
