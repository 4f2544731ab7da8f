import { run } from './command.ts';
import type { ProbeOptions, Target } from './probe.ts';

/** Milliseconds between packets where the rate is not limited. */
const quickestMs = 0.2;

/**
 * Asks who has these IPv4 addresses on a link by arp-scan, and answers which MACs said so, in lower case: two for one address are a
 * duplicate. Null where it could not ask (no raw sockets, no address on that interface).
 */
export async function arpScan(
  device: string,
  targets: readonly Target[],
  { attempts, timeoutMs, packetsPerSecond, signal }: ProbeOptions,
): Promise<ReadonlyMap<string, readonly string[]> | null> {
  const macs = new Map<string, string[]>();
  const interval = Math.ceil(packetsPerSecond > 0 ? 1_000_000 / packetsPerSecond : quickestMs * 1000);
  const { code } = await run({
    program: 'arp-scan',
    args: [
      `--interface=${device}`,
      '--file=-',
      '--plain',
      '--quiet',
      `--retry=${attempts}`,
      `--timeout=${timeoutMs}`,
      '--backoff=1.5',
      `--interval=${interval}u`,
    ],
    input: targets.map(({ address }) => `${address}\n`).join(''),
    signal,
    // 192.0.2.1<TAB>02:00:5e:00:00:01, and once more with (DUP: 2) for another answer
    onLine: (line) => {
      const [, address, mac] = /^(\S+)\t([0-9a-f:]{17})/i.exec(line) ?? [];
      if (!address || !mac) return;
      const known = macs.get(address) ?? [];
      if (!known.includes(mac.toLowerCase())) macs.set(address, [...known, mac.toLowerCase()]);
    },
  });
  return code === 0 ? macs : null;
}
