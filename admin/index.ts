import type { Log, Panel, PanelKernel } from '#core';
import { importAdminJs } from './http/environment.ts';

export interface PanelOptions {
  /** Production: the cookie is for HTTPS alone where the request came by it. */
  secure: boolean;
  /** Sign-ins per client address and minute; 0: as many as they like. */
  loginsPerMinute: number;
  /** Where the panel's bundle is kept, unless it was made when Cadastre was installed. */
  dataDir: string;
  log: Log;
}

/** Prepares the panel while the register boots; what it answers makes the panel of the booted register. */
export async function preparePanel(options: PanelOptions): Promise<(kernel: PanelKernel) => Panel> {
  // AdminJS reads its environment when it is imported, so nothing may import it earlier.
  await importAdminJs();
  const { preparePanelOf } = await import('./panel.ts');
  return preparePanelOf(options);
}
