import { type PanelKernel, recordActions } from '#core';
import { RegisterResource } from './resource.ts';
import { viewOf } from './view.ts';

/** The resources of all registered models that have a single primary key, in the order of the registry. */
export function resourcesOf(kernel: PanelKernel): readonly RegisterResource[] {
  const { registry, permissions } = kernel;
  const foreign = kernel.extensions(recordActions);
  const views = registry.models.flatMap((model) => viewOf(model, registry, permissions, foreign) ?? []);
  const shown = new Set(views.map(({ name }) => name));
  const targets = new Map(
    registry.models
      .filter(({ name }) => shown.has(name))
      .map(({ definition, name }) => [definition.table, name] as const),
  );
  return views.map((view) => new RegisterResource(kernel, view, targets));
}
