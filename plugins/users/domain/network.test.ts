import assert from 'node:assert/strict';
import { networkOf, plainAddress } from './network.ts';

describe('the network that guesses are counted for', () => {
  it('is the address itself of IPv4, mapped or not', () => {
    assert.equal(networkOf('192.0.2.7'), '192.0.2.7');
    assert.equal(networkOf('::FFFF:192.0.2.7'), '192.0.2.7');
  });

  it('is the /64 of IPv6, however the address is written', () => {
    for (const written of [
      '2001:db8::1',
      '2001:DB8:0:0:1::',
      '2001:db8:0:0::9%eth0',
      '2001:0db8:0000:0::7:8',
    ]) {
      assert.equal(networkOf(written), '2001:db8:0:0::/64', written);
    }
    assert.notEqual(networkOf('2001:db8:0:1::1'), networkOf('2001:db8::1'));
    assert.equal(networkOf('::1'), '0:0:0:0::/64');
  });

  it('loses the zone, which is nobody’s but this machine’s', () => {
    assert.equal(plainAddress('fe80::1%eth0'), 'fe80::1');
  });
});
