import { z } from 'zod';
import { type ExtensionPoint, extensionPoint, type Tx } from '#core';
import { deviceErrors } from './errors.ts';

/** A device, with all its interfaces, or one interface, by id. */
export type Holder = { readonly deviceId: number } | { readonly interfaceId: number };

/**
 * Something that devices and interfaces hold. Nobody deletes a holder without saying what becomes of it: `?<name>=release` or
 * `?<name>=keep`. The plugin that fills this has foreign keys of its own that refuse to let a holder go, whoever deletes it.
 */
export interface Holding {
  /** What is held, in the plural, as the query names it: `addresses`. */
  readonly name: string;
  /** What whoever chooses has to have besides the right to delete the holder: `addresses:write`. */
  readonly permission: string;
  /** What the choices do, for people: `release: 'frees them'`. */
  readonly says: { readonly release: string; readonly keep: string };
  /** How many a holder has. */
  count(tx: Tx, holder: Holder): Promise<number>;
  /** Gives back all that a holder has. It takes its own locks; the holder is not locked yet. */
  release(tx: Tx, holder: Holder): Promise<unknown>;
  /** Keeps all that a holder has, from now on without a holder. */
  keep(tx: Tx, holder: Holder): Promise<unknown>;
}

/** Filled by plugins whose records belong to a device or an interface. */
export const holdings: ExtensionPoint<Holding> = extensionPoint<Holding>(
  'devices.holdings',
  ({ name }, others) => {
    if (others.some((other) => other.name === name)) throw new Error(`"${name}" are held already.`);
  },
);

const choice = z.enum(['release', 'keep']);

/** What becomes of what a holder holds, by the name of the holding: `{ addresses: 'keep' }`. */
export type Choices = Readonly<Record<string, z.output<typeof choice> | undefined>>;

/** The query in which whoever deletes a holder chooses what becomes of each of its holdings. */
export function choicesQuery(all: readonly Holding[]): z.ZodObject {
  return z.strictObject(
    Object.fromEntries(
      all.map(({ name, says }) => [
        name,
        choice.optional().meta({
          description: `What becomes of the ${name} held: \`release\` ${says.release}, \`keep\` ${says.keep}. Needed where there are any.`,
        }),
      ]),
    ),
  );
}

/**
 * Does with what a holder holds what was chosen, before the holder is locked: allocation, too, locks what it hands out before the
 * device that gets it. Throws 409 that tells how many there are and what can be chosen; 403 by `demand` where the caller may not.
 */
export async function settleHoldings(
  tx: Tx,
  all: readonly Holding[],
  holder: Holder,
  choices: Choices,
  demand: (permission: string) => Promise<void>,
): Promise<void> {
  const held: { holding: Holding; n: number }[] = [];
  for (const holding of all) {
    const n = await holding.count(tx, holder);
    if (n > 0) held.push({ holding, n });
  }
  const open = held.filter(({ holding }) => choices[holding.name] === undefined);
  if (open.length > 0) {
    const what = 'deviceId' in holder ? 'device' : 'interface';
    const sentences = open.map(
      ({ holding: { name, says }, n }) =>
        `The ${what} holds ${name} (${n}): ?${name}=release ${says.release}, ?${name}=keep ${says.keep}.`,
    );
    throw deviceErrors.holderNotEmpty(sentences.join(' '), {
      members: Object.fromEntries(open.map(({ holding, n }) => [holding.name, n])),
    });
  }
  for (const { holding } of held) {
    await demand(holding.permission);
    await holding[choices[holding.name] as z.output<typeof choice>](tx, holder);
  }
}
