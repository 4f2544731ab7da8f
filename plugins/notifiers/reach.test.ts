import assert from 'node:assert/strict';
import { reachOf } from './reach.ts';

describe('where an address leads', () => {
  const all = (reach: string, addresses: readonly string[]) => {
    for (const address of addresses) assert.equal(reachOf(address), reach, address);
  };

  it('is the world for most', () => {
    all('public', [
      '192.0.2.1',
      '8.8.8.8',
      '172.32.0.1',
      '2001:db8::1',
      '64:ff9b::808:808',
      '2002:808:808::1',
    ]);
  });

  it('is this host or a private network, whatever carries its IPv4', () => {
    all('private', [
      '127.0.0.1',
      '127.8.8.8',
      '::1',
      '10.1.2.3',
      '172.31.255.255',
      '192.168.0.1',
      '100.64.0.1',
      'fd12::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '0:0:0:0:0:ffff:10.0.0.1',
      '::127.0.0.1',
      '64:ff9b::10.0.0.1',
      '2002:7f00:1::',
    ]);
  });

  it('is nowhere for link-local addresses, metadata services and what is no host', () => {
    all('forbidden', [
      '0.0.0.0',
      '169.254.169.254',
      '169.254.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '240.0.0.1',
      '100.100.100.200',
      '168.63.129.16',
      '::',
      'fe80::1',
      'fe80::1%eth0',
      'febf::1',
      'ff02::1',
      'fd00:ec2::254',
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      '64:ff9b::a9fe:a9fe',
      '2002:a9fe:a9fe::1',
      'localhost',
      '',
    ]);
  });
});
