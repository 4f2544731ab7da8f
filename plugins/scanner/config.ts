import { z } from 'zod';
import { cidrField } from '#plugins/subnets';

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const flag = z.stringbool({ truthy: ['1', 'true', 'yes', 'on'], falsy: ['0', 'false', 'no', 'off', ''] });
const parts = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

/** The plugin's settings. */
export const scannerConfig = z.object({
  mode: z
    .enum(['real', 'mock'])
    .optional()
    .describe(
      'what a scan does that names no mode: real packets, or a simulated network; left out, real in production alone',
    ),
  deny: parts
    .pipe(z.array(cidrField))
    .default([])
    .describe(
      'blocks that are never probed, separated by commas; multicast, broadcast and, unless allowed, loopback never are',
    ),
  allowLoopback: flag.default(false).describe('loopback may be probed where it is a registered subnet'),
  packetsPerSecond: whole(0, 1_000_000)
    .default(200)
    .describe('packets a second into one subnet, unless its policy says so; 0 is no limit'),
  workerPacketsPerSecond: whole(0, 1_000_000)
    .default(2_000)
    .describe('packets a second of one process, shared by its scans; 0 is no limit'),
  concurrency: whole(1, 10_000)
    .default(2_048)
    .describe(
      'sockets that one scan has open at once, at most an eighth of the files that the process may open',
    ),
  timeoutMs: whole(10, 60_000).default(1_000).describe('how long an answer is waited for'),
  attempts: whole(1, 10).default(2).describe('how often who does not answer is asked'),
  missesUntilSilent: whole(1, 100)
    .default(3)
    .describe('scans in a row without an answer until an address is silent'),
  staleAfterDays: whole(1, 3_650)
    .default(30)
    .describe('how long an assigned address is silent until it is stale'),
  discoveryGuardHours: whole(1, 8_760)
    .default(24)
    .describe('how long the address of somebody unregistered is held back, from the last answer on'),
  quarantineHostnameMismatch: flag
    .default(false)
    .describe('another host name than the recorded one quarantines the address, too'),
  keepDays: whole(1, 3_650).default(30).describe('how long scans and their results are kept'),
  mockSeed: z.string().default('cadastre').describe('which network is simulated'),
});
export type ScannerConfig = z.output<typeof scannerConfig>;

/** Never probed, whatever the settings: this network, multicast, broadcast; then loopback. */
const never = ['0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', 'ff00::/8', '::/128'];
const loopback = ['127.0.0.0/8', '::1/128'];

/** The blocks that are never probed. */
export function denied({ deny, allowLoopback }: Pick<ScannerConfig, 'deny' | 'allowLoopback'>): string[] {
  return [...never, ...(allowLoopback ? [] : loopback), ...deny];
}
