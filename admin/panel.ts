import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AdminJS, { ComponentLoader, Router } from 'adminjs';
import type { Panel, PanelKernel } from '#core';
import { branding } from './appearance.ts';
import { createDashboard } from './dashboard.ts';
import type { Bundle } from './http/bundle.ts';
import { prepareBundle } from './http/bundle.ts';
import { componentPaths, loaderOf } from './http/loader.ts';
import { createShell } from './http/shell.ts';
import type { PanelOptions } from './index.ts';
import { localeOf } from './locale.ts';
import { optionsOf } from './resource/options.ts';
import { resourcesOf } from './resource/resources.ts';

const path = '/admin';
const built = fileURLToPath(new URL('./bundle', import.meta.url));

/** Finds or makes the bundle, and answers how to make the panel of a booted register. */
export async function preparePanelOf(options: PanelOptions): Promise<(kernel: PanelKernel) => Panel> {
  const { dataDir, log } = options;
  const folders = [built, join(dataDir, 'panel')];
  const bundle = await prepareBundle({ folders, components: componentPaths, log });
  return (kernel) => createPanel(kernel, options, bundle);
}

function createPanel(kernel: PanelKernel, options: PanelOptions, bundle: Bundle): Panel {
  const admin = new AdminJS({
    rootPath: path,
    loginPath: `${path}/login`,
    logoutPath: `${path}/logout`,
    componentLoader: loaderOf(new ComponentLoader()),
    resources: resourcesOf(kernel).map((resource) => ({ resource, options: optionsOf(kernel, resource) })),
    dashboard: { component: 'Dashboard', handler: createDashboard(kernel) },
    branding,
    locale: localeOf(kernel.registry.models),
    settings: { defaultPerPage: 25 },
  });
  const { secure, loginsPerMinute } = options;
  const handler = createShell({
    path,
    kernel,
    admin,
    adminRouter: Router,
    bundle,
    secret: kernel.secretFor('panel-session'),
    secure,
    loginsPerMinute,
  });
  return { path, handler };
}
