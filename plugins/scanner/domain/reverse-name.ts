/** The name under which DNS keeps what an address is called: in-addr.arpa (RFC 1035, 3.5) or ip6.arpa (RFC 3596, 2.5). */
export function reverseName(address: string): string {
  if (!address.includes(':')) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const [head = '', tail] = address.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const missing = Array<string>(8 - before.length - after.length).fill('0000');
  return `${[...before, ...missing, ...after].join('').split('').reverse().join('.')}.ip6.arpa`;
}

function groups(text: string): string[] {
  return text === ''
    ? []
    : text.split(':').flatMap((group) => (group.includes('.') ? quad(group) : [four(group)]));
}

/** The last 32 bits written as IPv4, such as in ::ffff:192.0.2.1. */
function quad(text: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [four((a * 256 + b).toString(16)), four((c * 256 + d).toString(16))];
}

function four(group: string): string {
  return group.toLowerCase().padStart(4, '0');
}
