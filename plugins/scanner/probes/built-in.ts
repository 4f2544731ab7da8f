import { arpProbe } from './arp.ts';
import { dnsProbe } from './dns.ts';
import { icmpProbe } from './icmp.ts';
import type { Probe } from './probe.ts';
import { tcpProbe } from './tcp.ts';

/** The probes that send packets, in the order in which they go: ARP learns from the kernel what the others made it ask. */
export const packetProbes: readonly Probe[] = [icmpProbe, tcpProbe, arpProbe, dnsProbe];
