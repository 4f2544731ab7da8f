import { isIP } from 'node:net';
import fc from 'fast-check';
import { builtInPlugins } from '#config/plugins';
import { startTestRegister } from '#core/testing';
import { fuzz } from '../../core/testing/fuzz/fuzz.ts';

const v4 = fc.tuple(fc.constantFrom('10.0', '192.0', '198.51'), fc.nat({ max: 3 }), fc.nat({ max: 255 }));
const address4 = v4.map((parts) => parts.join('.'));
const block4 = fc
  .tuple(address4, fc.integer({ min: 14, max: 32 }))
  .map(([address, length]) => `${network(address, length)}/${length}`);
const address6 = fc.integer({ min: 0, max: 0xffff }).map((last) => `2001:db8::${last.toString(16)}`);
const block6 = fc.constantFrom('2001:db8::/32', '2001:db8::/64', '2001:db8::/126', '::/0');
const addresses = fc.oneof(address4, address4, address6);
const blocks = fc.oneof(block4, block4, block6);

/** The network that an IPv4 address lies in. */
function network(address: string, length: number): string {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const start = value - (value % 2 ** (32 - length));
  return [24, 16, 8, 0].map((bits) => Math.floor(start / 2 ** bits) % 256).join('.');
}

const isBlock = (text: string) => {
  const [address = '', length = ''] = text.split('/');
  return isIP(address) !== 0 && /^\d{1,3}$/.test(length);
};

/** Asks every route of a register with all built-in plugins for so many seconds; answers how often each status came back. */
export async function fuzzRegister(seconds: number, seed: number): Promise<Record<number, number>> {
  const register = await startTestRegister([...builtInPlugins]);
  try {
    for (const cidr of ['10.0.0.0/16', '10.0.1.0/24', '2001:db8::/64']) {
      await register.as('admin').post('/subnets', { cidr });
    }
    await register.as('admin').post('/subnets/2/allocations', { count: 20 });
    return await fuzz({
      register,
      seed,
      for: seconds * 1_000,
      formats: {
        cidr: blocks,
        ip: addresses,
        'ip-or-cidr': fc.oneof(addresses, blocks),
        mac: fc.constantFrom('00:11:22:33:44:55', '001122334455', '00-11-22-33-44-66'),
        email: fc.nat({ max: 9_999 }).map((nth) => `u${nth}@example.net`),
        // Mostly too short: each that is not costs a hash.
        password: fc.constantFrom('short', 'shorter', 'short', 'a long and private sentence'),
        'date-time': fc.constantFrom(
          '2999-01-01T00:00:00Z',
          '2026-11-24T12:00:00.000Z',
          '2026-11-24T13:00:00+01:00',
        ),
      },
      words: [
        ...['global', 'blue', 'web-1', 'lab', 'dmz', 'first', 'last', 'best-fit', 'random', 'sparse', 'free'],
        ...[
          'assigned',
          'reserved',
          'active',
          'container',
          'vip',
          '10.0.0.0/24',
          '10.0.0.5',
          '010.0.0.1',
          '1',
          '24',
        ],
        ...['::ffff:1.2.3.4', 'fe80::1%eth0', '0.0.0.0/0', '65000:1', 'subnet', 'address', 'user', 'true'],
      ],
      checks: {
        cidr: isBlock,
        ip: (text) => isIP(text) !== 0,
        'ip-or-cidr': (text) => isIP(text) !== 0 || isBlock(text),
        mac: /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/,
      },
      seldom: ['/auth/login', '/users/me/password', '/users', '/users/{id}'],
    });
  } finally {
    await register.stop();
  }
}
