/**
 * The network that a client's address stands for when guesses are counted: an IPv4 address itself, also where it comes mapped into
 * IPv6 (RFC 4291, section 2.5.5.2), and of an IPv6 address the first 64 bits, for whoever has one has all of its /64.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(':')) return plain;
  const [head = '', tail = ''] = plain.split('::');
  const groups = (text: string) => text.split(':').filter(Boolean);
  const [first, last] = [groups(head), groups(tail)];
  const zeros = plain.includes('::') ? Math.max(0, 8 - first.length - last.length) : 0;
  const all = [...first, ...Array<string>(zeros).fill('0'), ...last];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** An address without its zone, and an IPv4 address that came mapped into IPv6 as the IPv4 address that it is. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.toLowerCase().split('%');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1] ?? bare;
}
