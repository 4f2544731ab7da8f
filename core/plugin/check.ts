import semver from 'semver';
import type { ModelDefinition } from '../db/model.ts';
import type { Route } from '../http/route.ts';
import { type AnyPlugin, kernelVersion } from './define.ts';

/** Who claimed a name first; a second claim throws and names both owners. */
export class Claims {
  readonly #owners = new Map<string, string>();

  claim(kind: string, name: string, owner: string): void {
    const key = `${kind} ${name}`;
    const first = this.#owners.get(key);
    if (first !== undefined) {
      throw new Error(`The ${kind} "${name}" is claimed by ${first === owner ? `${owner} twice` : `both ${first} and ${owner}`}.`);
    }
    this.#owners.set(key, owner);
  }

  /** Forgets what an owner claimed, when it turns out unusable. */
  release(owner: string): void {
    for (const [key, by] of this.#owners) if (by === owner) this.#owners.delete(key);
  }
}

const nameRule = /^[a-z][a-z0-9-]{1,40}$/;

/** Checks everything that a manifest says without running any of it. */
export function checkPlugin({ name, definition }: AnyPlugin, claims: Claims): void {
  if (!nameRule.test(name)) throw new Error(`The plugin name "${name}" must be lower case letters, digits and dashes.`);
  if (!semver.valid(definition.version)) throw new Error(`${name}: the version "${definition.version}" is not semver.`);
  claims.claim('plugin', name, name);
  for (const [model, { table }] of Object.entries(definition.models ?? {}) as [string, ModelDefinition][]) {
    claims.claim('model', model, name);
    claims.claim('table', table, name);
  }
  for (const permission of Object.keys(definition.permissions ?? {})) claims.claim('permission', permission, name);
  for (const event of Object.keys(definition.events ?? {})) claims.claim('event', event, name);
  for (const constraint of Object.keys(definition.constraints ?? {})) claims.claim('constraint', constraint, name);
  for (const kind of Object.values(definition.errors ?? {}) as { code: string }[]) claims.claim('error', kind.code, name);
}

/** Says why a plugin does not fit this kernel; undefined where it does. */
export function incompatibility({ definition }: AnyPlugin): string | undefined {
  if (semver.validRange(definition.engine) === null) return `its engine "${definition.engine}" is not a semver range`;
  if (semver.satisfies(kernelVersion, definition.engine)) return undefined;
  return `it was made for kernel ${definition.engine}, this is ${kernelVersion}`;
}

/** Checks a plugin's routes: paths claimed once, permissions declared, bodies and queries strict. */
export function checkRoutes(owner: string, routes: readonly Route[], permissions: ReadonlySet<string>, claims: Claims): void {
  for (const route of routes) {
    const named = `${route.method.toUpperCase()} ${route.path}`;
    claims.claim('route', named.replaceAll(/\{\w+\}/g, '{}'), owner);
    if (route.permission !== 'public' && route.permission !== 'signed-in' && !permissions.has(route.permission)) {
      throw new Error(`${owner}: ${named} needs the permission "${route.permission}", which no plugin declares.`);
    }
    for (const schema of [route.query, route.body]) {
      const def = schema?.def as { type?: string; catchall?: { def: { type: string } } } | undefined;
      if (def?.type === 'object' && def.catchall?.def.type !== 'never') {
        throw new Error(`${owner}: ${named} takes an object that is not strict; use z.strictObject, so that unknown keys are told.`);
      }
    }
  }
}

/** Sorts plugins so that each comes after what it requires; a cycle or a missing one throws and is named. */
export function inLoadOrder(plugins: readonly AnyPlugin[]): AnyPlugin[] {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  const ordered: AnyPlugin[] = [];
  const visit = (plugin: AnyPlugin, path: readonly string[]) => {
    if (ordered.includes(plugin)) return;
    if (path.includes(plugin.name)) {
      throw new Error(`Plugins require each other in a circle: ${[...path, plugin.name].join(' → ')}.`);
    }
    for (const { name } of plugin.definition.requires ?? []) {
      const required = byName.get(name);
      if (!required) throw new Error(`${plugin.name} requires the plugin ${name}, which is not installed.`);
      visit(required, [...path, plugin.name]);
    }
    ordered.push(plugin);
  };
  for (const plugin of plugins) visit(plugin, []);
  return ordered;
}
