import { isOnPath } from './command.ts';
import { fping } from './fping.ts';
import { ping } from './ping.ts';
import type { Probe } from './probe.ts';

/**
 * ICMP echo, RFC 792 and RFC 4443: by fping where it is on the PATH, else by the system's ping. Who does not answer is `silent`; `unknown`
 * is who could not be asked: no route, no permission, no link. Throws the signal's reason when that fires.
 */
export const icmpProbe: Probe = {
  name: 'icmp',
  probe: (targets, options) => (isOnPath('fping') ? fping(targets, options) : ping(targets, options)),
};
