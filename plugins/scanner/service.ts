import { listExtensions, notifiable, notifiableEvents } from '#core';
import { type ConflictService, createConflictService } from './conflicts.ts';
import type { ScannerContext } from './context.ts';
import { fillDashboard } from './dashboard.ts';
import { createDiscoveryService, type DiscoveryService } from './discoveries.ts';
import { scannerEvents } from './events.ts';
import { observationExtension } from './observations.ts';
import { fillPages } from './panel.ts';
import { createPolicyService, type PolicyService } from './policies.ts';
import { packetProbes } from './probes/built-in.ts';
import { scanProbes } from './probes/probe.ts';
import { createScanService, type ScanService } from './scans.ts';
import { createSettle } from './settle.ts';
import { createSweeper } from './sweep.ts';
import { finishedSays } from './words.ts';

/** What other plugins, and the command line, get. */
export interface ScannerApi {
  scans: ScanService;
  conflicts: ConflictService;
  discoveries: DiscoveryService;
  policies: PolicyService;
}

/** Puts the plugin together from its parts. */
export function createScannerApi(ctx: ScannerContext): ScannerApi {
  const { config, clock } = ctx;
  for (const probe of packetProbes) ctx.extend(scanProbes, probe);
  const conflicts = createConflictService(ctx);
  const discoveries = createDiscoveryService(ctx);
  const settle = createSettle(ctx, { conflicts, discoveries });
  const mode = config.mode ?? (ctx.isProduction ? 'real' : 'mock');
  const scans = createScanService(ctx, { sweeper: createSweeper(ctx), settle, mode });
  ctx.extend(listExtensions, observationExtension(clock, config.staleAfterDays));
  ctx.on('address.created', (tx, address) => discoveries.registered(tx, address));
  tellOf(ctx);
  fillPages(ctx);
  fillDashboard(ctx);
  return { scans, conflicts, discoveries, policies: createPolicyService(ctx) };
}

/** What people may be told of outside of the register. */
function tellOf(ctx: ScannerContext): void {
  ctx.extend(
    notifiableEvents,
    notifiable(scannerEvents, 'conflict.detected', {
      title: 'A conflict was detected',
      say: ({ kind, address, severity }) => `${address}: ${kind} (${severity}).`,
    }),
  );
  ctx.extend(
    notifiableEvents,
    notifiable(scannerEvents, 'conflict.resolved', {
      title: 'A conflict was resolved',
      say: ({ kind, address, resolution }) => `${address}: ${kind} was resolved (${resolution}).`,
    }),
  );
  ctx.extend(
    notifiableEvents,
    notifiable(scannerEvents, 'discovery.found', {
      title: 'Somebody unregistered answers',
      say: ({ address }) => `${address} answers, and nobody has registered it.`,
    }),
  );
  ctx.extend(
    notifiableEvents,
    notifiable(scannerEvents, 'subnet.unreachable', {
      title: 'A subnet cannot be reached',
      say: ({ cidr }) => `Everybody in ${cidr} fell silent together: it cannot be told how they are.`,
    }),
  );
  ctx.extend(
    notifiableEvents,
    notifiable(scannerEvents, 'scan.finished', {
      title: 'A scan has ended',
      say: finishedSays,
    }),
  );
}
