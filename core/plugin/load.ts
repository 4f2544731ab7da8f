import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyPlugin } from './define.ts';

let hooked = false;

/**
 * Makes `cadastre` and `cadastre/…` mean this very kernel, wherever a plugin lies: a second copy of it, installed beside the
 * plugin, would have models and extension points of its own. What can be named is what package.json exports.
 */
function resolveOwnName(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const isOurs = specifier === 'cadastre' || specifier.startsWith('cadastre/');
      return isOurs ? next(specifier, { ...context, parentURL: import.meta.url }) : next(specifier, context);
    },
  });
}

/** Imports plugins by package name or path; what cannot be imported is told with why, not thrown. */
export async function loadExternal(names: readonly string[]) {
  const external: AnyPlugin[] = [];
  const unloadable: { name: string; why: string }[] = [];
  if (names.length > 0) resolveOwnName();
  for (const name of names) {
    try {
      const isPath = name.startsWith('.') || name.startsWith('/');
      const loaded = await import(isPath ? pathToFileURL(resolve(name)).href : name);
      const plugin = loaded.default as AnyPlugin | undefined;
      if (!plugin?.definition) throw new Error('its default export is not a plugin made by definePlugin');
      external.push(plugin);
    } catch (fault) {
      unloadable.push({ name, why: (fault as Error).message });
    }
  }
  return { external, unloadable };
}
