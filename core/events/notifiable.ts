import type { z } from 'zod';
import { type ExtensionPoint, extensionPoint } from '../plugin/extension.ts';

/** An event that people want to be told of outside of the register, and how it is said to them. */
export interface NotifiableEvent {
  /** As its plugin declares it: `address.expiring`. */
  readonly event: string;
  /** What has happened, without whom it befell: `An address is about to expire`. */
  readonly title: string;
  /** One sentence that tells what has happened: `10.0.0.9 expires at 2026-12-01 12:00 UTC.` */
  say(payload: never): string;
}

/** Filled by plugins for events of their own, at most once for each. */
export const notifiableEvents: ExtensionPoint<NotifiableEvent> = extensionPoint<NotifiableEvent>(
  'notifiableEvents',
  ({ event }, others) => {
    if (others.some((other) => other.event === event)) {
      throw new Error(`The event ${event} is notifiable already.`);
    }
  },
);

/** Says of an event of a plugin's `events`, by its name there, how people are told of it. */
export function notifiable<Events extends Record<string, z.ZodType>, Name extends keyof Events & string>(
  _events: Events,
  event: Name,
  { title, say }: { title: string; say(payload: z.output<Events[Name]>): string },
): NotifiableEvent {
  return Object.freeze({ event, title, say });
}
