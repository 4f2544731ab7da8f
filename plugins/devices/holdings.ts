import { type ExtensionPoint, extensionPoint, type Tx } from '#core';

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
