import assert from 'node:assert/strict';
import { reverseName } from './reverse-name.ts';

describe('the name of an address in DNS', () => {
  it('turns the octets of IPv4 round', () => {
    assert.equal(reverseName('192.0.2.17'), '17.2.0.192.in-addr.arpa');
  });

  it('turns the 32 digits of IPv6 round, however it is written', () => {
    const nibbles = (text: string) => `${text.split('').reverse().join('.')}.ip6.arpa`;
    assert.equal(reverseName('2001:db8::567:89ab'), nibbles('20010db80000000000000000056789ab'));
    assert.equal(reverseName('::'), nibbles('0'.repeat(32)));
    assert.equal(reverseName('::1'), nibbles(`${'0'.repeat(31)}1`));
    assert.equal(reverseName('2001:DB8:1:2:3:4:5:6'), nibbles('20010db8000100020003000400050006'));
    assert.equal(reverseName('fe80::'), nibbles(`fe80${'0'.repeat(28)}`));
    assert.equal(reverseName('::ffff:192.0.2.1'), nibbles('00000000000000000000ffffc0000201'));
  });
});
