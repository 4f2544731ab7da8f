import { type IdempotencyKey, keepAnswer, keptAnswer, type Tx } from '#core';
import type { AddressRecord } from '#plugins/subnets';
import type { Member } from './granting.ts';

/** Addresses that were handed out; `replayed` names the change of an earlier request with the same key that did it. */
export interface Handed {
  addresses: AddressRecord[];
  replayed?: string | undefined;
  /** To be waited for before anybody is told. */
  onDisk?: Promise<void> | undefined;
}

/** What the database gave an address that was handed out, as its JSON; of a new row without what follows from the request. */
export interface HandedRow {
  vrfId: number;
  id: number;
  address: string;
  createdAt: string;
  /** Absent: 1. */
  version?: number;
  /** Absent: when it was created. */
  updatedAt?: string;
  /** Absent: whoever asked. */
  createdBy?: string;
  /** As the database keeps them; absent or null: none. */
  customFields?: AddressRecord['customFields'] | null;
}

/** What the database function keeps under a key: what it gave, and until when. */
export interface KeptRows {
  changeId: string;
  expiresAt?: string | null;
  rows: HandedRow[];
}

/** What is kept under the key of a request that went another road: the whole answer. */
export interface KeptAddresses {
  changeId: string;
  addresses: AddressRecord[];
}

/** The keys of a batch for the database function, as JSON; null where nobody has one. */
export function keysOf(members: readonly Member[]): string | null {
  if (members.every(({ key }) => key === undefined)) return null;
  return JSON.stringify(
    members.map(({ key, caller }) =>
      key === undefined
        ? null
        : {
            principal: key.principal,
            route: key.route,
            key: key.key,
            hash: key.hash.toString('hex'),
            changeId: caller.changeId,
          },
    ),
  );
}

/** Hands out once for a key, in one transaction with the key: `make` is asked the first time only. */
export async function byKey(
  tx: Tx,
  key: IdempotencyKey | undefined,
  make: () => Promise<AddressRecord[]>,
): Promise<Handed> {
  if (!key) return { addresses: await make() };
  const kept = await keptAnswer<KeptAddresses>(tx, key);
  if (kept) return { addresses: kept.addresses, replayed: kept.changeId };
  const addresses = await make();
  await keepAnswer(tx, key, { changeId: tx.caller.changeId, addresses } satisfies KeptAddresses);
  return { addresses };
}
