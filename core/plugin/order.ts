import type { AnyPlugin } from './define.ts';

/**
 * Sorts plugins so that each comes after what it requires. One that is part of a circle, or that requires what is not there,
 * goes to `refuse` with the reason and is left out; so do those that require it.
 */
export function inLoadOrder(
  plugins: readonly AnyPlugin[],
  refuse: (plugin: AnyPlugin, why: string) => void,
): AnyPlugin[] {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  const verdicts = new Map<AnyPlugin, 'usable' | 'refused'>();
  const ordered: AnyPlugin[] = [];

  /** Why the plugin cannot be loaded; undefined where it can. */
  function obstacle(plugin: AnyPlugin, path: readonly AnyPlugin[]): string | undefined {
    for (const { name } of plugin.definition.requires ?? []) {
      const required = byName.get(name);
      if (!required) return `it requires ${name}, which is not installed or cannot run`;
      const start = path.indexOf(required);
      if (start >= 0) {
        const circle = [...path.slice(start), required].map((each) => each.name);
        return `plugins require each other in a circle: ${circle.join(' → ')}`;
      }
      if (visit(required, [...path, required]) === 'refused') return `it requires ${name}, which cannot run`;
    }
    return undefined;
  }

  function visit(plugin: AnyPlugin, path: readonly AnyPlugin[]): 'usable' | 'refused' {
    const known = verdicts.get(plugin);
    if (known) return known;
    const why = obstacle(plugin, path);
    const verdict = why === undefined ? 'usable' : 'refused';
    verdicts.set(plugin, verdict);
    if (why === undefined) ordered.push(plugin);
    else refuse(plugin, why);
    return verdict;
  }

  for (const plugin of plugins) visit(plugin, [plugin]);
  return ordered;
}
