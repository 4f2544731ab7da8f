import { notifiableEvents, type PluginContext } from '#core';
import type { NotifiersConfig } from './config.ts';
import { notifierKinds } from './kinds.ts';

/** What of the plugin's context its parts work with. */
export type NotifiersContext = PluginContext<NotifiersConfig, unknown, Record<never, never>, readonly []>;

/** The event by which a notifier is tried out. */
export const testEvent = 'notifier.test';

/** What there is to tell of, and by what ways; complete once every plugin is set up. */
export function createCatalogue({ extensions }: Pick<NotifiersContext, 'extensions'>) {
  return {
    events: () =>
      extensions(notifiableEvents)
        .map(({ event, title }) => ({ event, title }))
        .sort((a, b) => a.event.localeCompare(b.event)),
    event: (name: string) => extensions(notifiableEvents).find(({ event }) => event === name),
    kinds: () => extensions(notifierKinds),
    kind: (name: string) => extensions(notifierKinds).find((kind) => kind.name === name),
  };
}

export type Catalogue = ReturnType<typeof createCatalogue>;
