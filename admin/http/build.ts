import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleName } from './bundle.ts';
import { componentPaths, loaderOf } from './loader.ts';

/**
 * The build step: bundles the panel's components into the folder named on the command line, else into admin/bundle. It is put
 * there in one piece, so that of several that start at once each finds a whole one.
 */
async function build(into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  const draft = await mkdtemp(join(into, 'draft-'));
  process.env.NODE_ENV = 'production';
  process.env.ADMIN_JS_TMP_DIR = draft;
  delete process.env.ADMIN_JS_SKIP_BUNDLE;
  try {
    const { default: AdminJS, ComponentLoader } = await import('adminjs');
    const admin = new AdminJS({ componentLoader: loaderOf(new ComponentLoader()) });
    await admin.initialize();
    await rename(join(draft, 'bundle.js'), join(into, await bundleName(componentPaths)));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

await build(resolve(process.argv[2] ?? fileURLToPath(new URL('../bundle', import.meta.url))));
// What the bundler leaves open must not keep us.
process.exit(0);
