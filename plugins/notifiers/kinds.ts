import type { z } from 'zod';
import { type ExtensionPoint, extensionPoint } from '#core';

/** What is to be told. */
export interface Notification {
  /** The id of its delivery: the same at each attempt. */
  readonly delivery: number;
  readonly event: string;
  /** What has happened, in general and in one sentence. */
  readonly title: string;
  readonly summary: string;
  /** When, in ISO 8601. */
  readonly at: string;
  readonly actor: string;
  readonly changeId: string;
  /** What the event brought along. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * What came of an attempt: `refused` where trying again would be of no use, `later` where it may. `status` is what the receiver
 * answered, `say` why it is not delivered, `after` the milliseconds that the receiver wants to be left alone; `isGone`: it wants
 * nothing ever again, and its notifier is disabled.
 */
export type Answer =
  | { readonly outcome: 'delivered'; readonly status?: number; readonly say?: string }
  | { readonly outcome: 'refused'; readonly status?: number; readonly say: string; readonly isGone?: boolean }
  | { readonly outcome: 'later'; readonly status?: number; readonly say: string; readonly after?: number };

/** A way to tell people or machines. */
export interface NotifierKind<Settings extends z.ZodObject = z.ZodObject> {
  /** Lower case: `webhook`. */
  readonly name: string;
  readonly summary: string;
  /** What a notifier of the kind has to be told: a strict object. */
  readonly settings: Settings;
  /** Those of its settings that never leave the process, texts all of them: tokens, passwords. */
  readonly secrets?: readonly (keyof Settings['shape'] & string)[];
  /** Why the kind cannot be used as things are; undefined where it can. */
  unusable?(): string | undefined;
  /** Tells it, once and within 20 s; what it throws is said of the delivery, which is tried again later. */
  send(notification: Notification, settings: z.output<Settings>, signal: AbortSignal): Promise<Answer>;
}

const nameRule = /^[a-z][a-z0-9-]{0,39}$/;

/** Filled with the kinds of notifiers that there are. */
export const notifierKinds: ExtensionPoint<NotifierKind> = extensionPoint<NotifierKind>(
  'notifierKinds',
  ({ name, settings, secrets = [] }, others) => {
    if (!nameRule.test(name)) {
      throw new Error(
        `The kind of notifier "${name}" must be called by lower case letters, digits and dashes.`,
      );
    }
    if (others.some((other) => other.name === name))
      throw new Error(`There is a kind of notifier "${name}".`);
    const unknown = secrets.find((secret) => !(secret in settings.shape));
    if (unknown !== undefined) throw new Error(`The kind of notifier "${name}" has no setting "${unknown}".`);
  },
);

/** Declares a kind of notifier; `send` is typed by its settings. */
export function notifierKind<Settings extends z.ZodObject>(kind: NotifierKind<Settings>): NotifierKind {
  return Object.freeze(kind) as unknown as NotifierKind;
}
