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

  it('is not put together from words, runs and years that anyone would try', () => {
    for (const made of `Cadastre2026! P@ssw0rd!2025 Summer2026!!! Welcome12345 !qaz2wsx3edc admin-admin-1 network.admin.1 1q2w3e4r5t6y
      asdfghjkl;'\\ changeme12345 iloveyou-1999 trustno1trustno1 abcabcabcabc zaq12wsxcde3 qwertyuiop[] Letmein!Letmein Passwort#4711
      mypassword123 0987654321qwerty Januar2026.!! administrator1`.split(/\s+/)) {
      assert.equal(verdict(made), 'common-password', made);
    }
  });

  it('is not put together from the e-mail address', () => {
    for (const made of ['ada@example.net', 'Example.net26', 'net-ada-example']) {
      assert.equal(verdict(made, 'ada@example.net'), 'common-password', made);
    }
  });

  it('may hold such words among others, or be random', () => {
    for (const good of [
      'correct horse battery staple 9 zebras',
      'engines need no sleep',
      'a password for the first admin',
      'engineer-password-1',
      'mxn-8dx1y736vyvKZ1KNLIEx',
      '8402-7591-6380',
      'dampfschifffahrt',
    ]) {
      assert.equal(verdict(good), undefined, good);
    }
  });

  it('does not contain the name in the e-mail address, unless that is too short to tell', () => {
    assert.equal(verdict('my-Ada.Lovelace-77'), 'contains-email');
    assert.equal(verdict('in-granada-1843', 'ada@example.net'), undefined);
  });
});
