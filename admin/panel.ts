import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AdminJS, { ComponentLoader, Router } from 'adminjs';
import type { Log, Panel, PanelKernel } from '#core';
import { branding } from './appearance.ts';
import { createDashboard } from './dashboard.ts';
import type { Bundle } from './http/bundle.ts';
import { prepareBundle } from './http/bundle.ts';
import { componentPaths, loaderOf } from './http/loader.ts';
import { createShell } from './http/shell.ts';
import { sessionsInPostgres, sessionsInRedis } from './http/store.ts';
import { localeOf } from './locale.ts';
import { optionsOf } from './resource/options.ts';
import { resourcesOf } from './resource/resources.ts';
import { createSearch } from './search.ts';

const path = '/admin';
const built = fileURLToPath(new URL('./bundle', import.meta.url));

export interface PanelOptions {
  /** Production: the session's cookie is for HTTPS alone, however the request came. */
  secure: boolean;
  /** Sign-ins per client address and minute; 0: as many as they like. */
  loginsPerMinute: number;
  /** Keeps the sessions; without it, PostgreSQL does. */
  redisUrl?: string | undefined;
  /** Where the panel's bundle is kept, unless it was made when Cadastre was installed. */
  dataDir: string;
  log: Log;
}

/** Finds or makes the bundle, and answers how to make the panel of a booted register. */
export async function preparePanelOf(options: PanelOptions): Promise<(kernel: PanelKernel) => Panel> {
  const { dataDir, log } = options;
  const folders = [built, join(dataDir, 'panel')];
  const bundle = await prepareBundle({ folders, components: componentPaths, log });
  return (kernel) => createPanel(kernel, options, bundle);
}

/** Makes the panel of a booted register. */
export function createPanel(
  kernel: PanelKernel,
  options: Pick<PanelOptions, 'secure' | 'loginsPerMinute' | 'redisUrl'>,
  bundle: Bundle,
): Panel {
  const resources = resourcesOf(kernel);
  const history = resources.find(({ view }) => view.historyOf);
  const search = createSearch(kernel, resources);
  const admin = new AdminJS({
    rootPath: path,
    loginPath: `${path}/login`,
    logoutPath: `${path}/logout`,
    componentLoader: loaderOf(new ComponentLoader()),
    resources: resources.map((resource) => ({
      resource,
      options: optionsOf(kernel, resource, resources, history),
    })),
    dashboard: { component: 'Dashboard', handler: createDashboard(kernel) },
    pages: search ? { search: { component: 'Search', handler: search, icon: 'Search' } } : {},
    branding,
    locale: localeOf(kernel.registry.models, kernel),
    settings: { defaultPerPage: 25 },
  });
  const { secure, loginsPerMinute, redisUrl } = options;
  const sessions = redisUrl
    ? sessionsInRedis(redisUrl, (fault) => kernel.log.warn({ err: fault }, 'Redis'))
    : sessionsInPostgres(kernel.db);
  const handler = createShell({
    path,
    kernel,
    admin,
    adminRouter: Router,
    resources,
    bundle,
    sessions,
    secret: kernel.secretFor('panel-session'),
    secure,
    loginsPerMinute,
  });
  return { path, handler, stop: sessions.close };
}
