import type { Panel, PanelKernel } from '#core';
import { importAdminJs } from './http/environment.ts';
import type { PanelOptions } from './panel.ts';

/** Prepares the panel while the register boots; what it answers makes the panel of the booted register. */
export async function preparePanel(options: PanelOptions): Promise<(kernel: PanelKernel) => Panel> {
  // AdminJS reads its environment when it is imported, so nothing may import it earlier.
  await importAdminJs();
  const { preparePanelOf } = await import('./panel.ts');
  return preparePanelOf(options);
}
