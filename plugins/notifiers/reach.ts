import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Where an address leads: out to the world, to this host or a private network, or to where nothing may ever be sent: link-local
 * addresses, the metadata services of clouds, and what is no host at all.
 */
export type Reach = 'public' | 'private' | 'forbidden';

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', length] = network.split('/');
    list.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

const forbidden = listOf([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  // Metadata services that have no link-local address: Alibaba, Azure, Oracle, Amazon, Google.
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
]);
// RFC 6890, with shared addresses (RFC 6598) and benchmarks (RFC 2544).
const within = listOf([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '::1/128',
  'fc00::/7',
]);
/** IPv6 that only carries IPv4, by how many hexadecimal digits stand before it: mapped, compatible, NAT64 (RFC 6052), 6to4. */
const carriers: readonly (readonly [prefix: string, before: number])[] = [
  ['00000000000000000000ffff', 24],
  ['000000000000000000000000', 24],
  ['0064ff9b0000000000000000', 24],
  ['2002', 4],
];

/** Tells it of an IPv4 or IPv6 address; what is neither is forbidden. */
export function reachOf(address: string): Reach {
  if (isIPv4(address)) return reachIn(address, 'ipv4');
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return 'forbidden';
  const own = reachIn(bare, 'ipv6');
  if (own !== 'public') return own;
  const digits = digitsOf(bare);
  const carrier = carriers.find(([prefix]) => digits.startsWith(prefix));
  return carrier ? reachIn(dotted(digits.slice(carrier[1], carrier[1] + 8)), 'ipv4') : 'public';
}

function reachIn(address: string, family: 'ipv4' | 'ipv6'): Reach {
  if (forbidden.check(address, family)) return 'forbidden';
  return within.check(address, family) ? 'private' : 'public';
}

/** The 32 hexadecimal digits of an IPv6 address. */
function digitsOf(address: string): string {
  // As a URL's host, whatever its notation was, it has neither dots nor leading zeros.
  const host = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail] = host.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = tail ? new Array<string>(8 - head.length - tail.length).fill('0') : [];
  return [...head, ...zeros, ...(tail ?? [])].map((group) => group.padStart(4, '0')).join('');
}

function dotted(digits: string): string {
  return (digits.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.');
}
