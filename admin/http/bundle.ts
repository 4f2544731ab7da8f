import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '#core';

/** The script with our components, made once for each state of their sources. */
export interface Bundle {
  /** Its file, once there is one. */
  file(): string | undefined;
  /** Why there is none: it is being made, or it cannot be. */
  why(): string;
}

export interface BundleOptions {
  /** Where it may lie, the best place first; it is made in the first that can be written to. */
  folders: readonly string[];
  /** The components' paths without extension: what they and their neighbours say is what the bundle is made of. */
  components: readonly string[];
  log: Log;
}

const builder = fileURLToPath(new URL('./build.ts', import.meta.url));

/** Names the bundle by what it is made of: the locked libraries, and every source beside a component or one folder above it. */
export async function bundleName(components: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  // The lock names the version of every library that is in it, or served beside it under the same version.
  hash.update(await readFile(new URL('../../package-lock.json', import.meta.url)).catch(() => ''));
  const folders = components.flatMap((component) => [dirname(component), dirname(dirname(component))]);
  for (const folder of [...new Set(folders)].sort()) {
    for (const file of (await readdir(folder)).sort()) {
      if (/(?<!\.test)\.tsx?$/.test(file)) hash.update(file).update(await readFile(join(folder, file)));
    }
  }
  for (const component of components) hash.update(component.slice(dirname(component).length));
  return `components-${hash.digest('hex').slice(0, 16)}.js`;
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function writable(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs the build step in a process of its own: it takes seconds, and would hold up every request. */
function build(into: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [builder, into], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(said || `It ended with ${code}.`)),
    );
    // Whoever stops the server does not wait for it; what is half done lies under another name.
    child.unref();
    (child.stderr as unknown as { unref(): void }).unref();
  });
}

/** Finds the bundle, or has it made; until then `file` is undefined, and `why` says so to a person. */
export async function prepareBundle({ folders, components, log }: BundleOptions): Promise<Bundle> {
  const name = await bundleName(components);
  let file: string | undefined;
  let why = 'The panel is being prepared for the first time; this takes a few seconds.';
  for (const folder of folders) {
    if (await exists(join(folder, name))) file = join(folder, name);
    if (file) break;
  }
  async function make(): Promise<void> {
    for (const folder of folders) {
      if (!(await writable(folder))) continue;
      const began = performance.now();
      try {
        await build(folder);
        file = join(folder, name);
        log.info({ file, ms: Math.round(performance.now() - began) }, 'the panel was bundled');
      } catch (fault) {
        why = 'The panel could not be bundled; the server log says why.';
        log.error({ err: fault }, 'the panel could not be bundled');
      }
      return;
    }
    why =
      'The panel was not bundled, and nothing can be written here: run `npm run build:panel` when installing.';
    log.error({ folders }, why);
  }
  if (!file) void make();
  return { file: () => file, why: () => why };
}
