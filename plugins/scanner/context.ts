import type { PluginContext } from '#core';
import type { subnets } from '#plugins/subnets';
import type { ScannerConfig } from './config.ts';
import type { scannerEvents } from './events.ts';

/** What the parts of this plugin are made with. */
export type ScannerContext = PluginContext<
  ScannerConfig,
  unknown,
  typeof scannerEvents,
  readonly [typeof subnets]
>;
