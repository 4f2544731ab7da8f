import type { ComponentLoader, OverridableComponent } from 'adminjs';
import { components, overrides } from '../components.ts';

/** Registers all of our components, in an order that never changes: their numbers are in the bundle. */
export function loaderOf(loader: ComponentLoader): ComponentLoader {
  for (const [name, path] of Object.entries(components)) loader.add(name, path);
  for (const [name, path] of Object.entries(overrides)) loader.override(name as OverridableComponent, path);
  return loader;
}

/** Every source file's path without extension, for naming the bundle. */
export const componentPaths: readonly string[] = [...Object.values(components), ...Object.values(overrides)];
