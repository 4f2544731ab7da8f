import { randomBytes } from 'node:crypto';

/** Draws a number from 0 up to, not including, `below`; each is as likely as any other. */
export type DrawBelow = (below: bigint) => bigint;

/** Draws from the system's secure source: who sees some addresses of a network should not guess the others. */
export function secureDraw(below: bigint): bigint {
  const bits = below.toString(2).length;
  const bytes = Math.ceil(bits / 8);
  const mask = (1n << BigInt(bits)) - 1n;
  for (;;) {
    // Rounding down what is too large would favour some; at least half of all draws are small enough.
    const drawn = BigInt(`0x${randomBytes(bytes).toString('hex')}`) & mask;
    if (drawn < below) return drawn;
  }
}
