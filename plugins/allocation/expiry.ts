import { type Caller, type JobRun, named, Problem } from '#core';
import type { AllocationContext } from './addresses.ts';

/** Takes back what was given for a time, and says so beforehand. */
export interface Expiry {
  /** Announces what is about to expire, then releases what has; ends early when told to, and leaves the rest to the next run. */
  run(run: Pick<JobRun<unknown>, 'caller' | 'signal'>): Promise<void>;
}

/** The most addresses of one transaction. */
const batchSize = 500;
const hour = 3_600_000;

const findExpiring = named(
  'find_expiring_addresses',
  `SELECT a.id FROM address a LEFT JOIN expiry_notice n ON n.address_id = a.id
    WHERE a.expires_at <= $1 AND can_expire(a) AND n.expires_at IS DISTINCT FROM a.expires_at AND a.id <> ALL ($2)
    ORDER BY a.expires_at, a.id LIMIT $3`,
);
// Of two processes at once, the second waits here and finds the moment announced already.
const notice = named(
  'notice_expiring_addresses',
  `WITH noticed AS (
      INSERT INTO expiry_notice AS n (address_id, expires_at)
        SELECT id, expires_at FROM address WHERE id = ANY ($1) AND expires_at IS NOT NULL ORDER BY id
        ON CONFLICT (address_id) DO UPDATE SET expires_at = EXCLUDED.expires_at
          WHERE n.expires_at <> EXCLUDED.expires_at
        RETURNING address_id, expires_at)
   SELECT a.id, a.vrf_id AS "vrfId", a.subnet_id AS "subnetId", a.address, n.expires_at AS "expiresAt"
     FROM noticed n JOIN address a ON a.id = n.address_id ORDER BY a.id`,
);
const findExpired = named(
  'find_expired_addresses',
  `SELECT id FROM address a WHERE expires_at <= $1 AND can_expire(a) AND id <> ALL ($2) ORDER BY expires_at, id LIMIT $3`,
);
const release = named(
  'release_expired_addresses',
  `SELECT id, vrf_id AS "vrfId", subnet_id AS "subnetId", address FROM release_expired($1, $2, $3)`,
);
const forgetNotices = named(
  'forget_expiry_notices',
  `DELETE FROM expiry_notice n WHERE expires_at <= $1
      AND NOT EXISTS (SELECT FROM address a WHERE a.id = n.address_id AND a.expires_at = n.expires_at)`,
);

interface Handed {
  id: number;
  vrfId: number;
  subnetId: number;
  address: string;
}

/** Makes the expiry. */
export function createExpiry(ctx: AllocationContext): Expiry {
  const { config, db, transact, emit, isHeard, clock, log } = ctx;

  /** Finds and handles, batch by batch. Where a batch fails, each of it is handled alone, so that one stops no other. */
  async function inBatches(
    signal: AbortSignal,
    find: (failed: number[]) => Promise<{ id: number }[]>,
    handle: (ids: number[]) => Promise<void>,
  ): Promise<void> {
    const failed: number[] = [];
    let first: unknown;
    while (!signal.aborted) {
      const ids = (await find(failed)).map(({ id }) => id);
      if (ids.length === 0) break;
      try {
        await handle(ids);
      } catch (fault) {
        // Too busy, or away: so it would be for each of them.
        if (fault instanceof Problem && fault.status === 503) throw fault;
        for (const id of ids) {
          await handle([id]).catch((thrown: unknown) => {
            log.error({ err: thrown, address: id }, 'an address that is due could not be handled');
            first ??= thrown;
            failed.push(id);
          });
        }
      }
    }
    if (first) throw first;
  }

  async function announce(caller: Caller, signal: AbortSignal): Promise<void> {
    // Who begins to listen later is told of all that is still to come.
    if (!isHeard('address.expiring')) return;
    const until = new Date(clock().getTime() + config.expiryNoticeHours * hour);
    await inBatches(
      signal,
      (failed) => db.query(findExpiring, [until, failed, batchSize]),
      (ids) =>
        transact(caller, async (tx) => {
          const noticed = await tx.query<Handed & { expiresAt: string }>(notice, [ids]);
          for (const each of noticed) await emit(tx, 'address.expiring', each);
        }),
    );
  }

  async function releaseDue(caller: Caller, signal: AbortSignal): Promise<void> {
    const now = clock();
    await inBatches(
      signal,
      (failed) => db.query(findExpired, [now, failed, batchSize]),
      (ids) =>
        transact(caller, async (tx) => {
          const released = await tx.query<Handed>(release, [ids, now, config.cooldownSeconds]);
          for (const each of released) await emit(tx, 'address.released', each);
        }),
    );
    await db.query(forgetNotices, [now]);
  }

  return {
    async run({ caller, signal }) {
      const [announced] = await Promise.allSettled([announce(caller, signal)]);
      await releaseDue(caller, signal);
      if (announced.status === 'rejected') throw announced.reason;
    },
  };
}
