import { named, type Tx } from '#core';
import type { AddressRecord } from '#plugins/subnets';
import type { ScannerContext } from './context.ts';
import { scannerErrors } from './errors.ts';
import type { Fact } from './facts.ts';
import { discoveryList, discoveryRecord } from './lists.ts';
import type { DiscoveryRecord, RegisterBody } from './schemas.ts';

/** Throws where a record has changed since it was read. */
type Guard = (current: { version: number }) => void;

/** Who answers at addresses that nobody has registered. */
export interface DiscoveryService {
  list(query: Record<string, unknown>): ReturnType<typeof discoveryList.run>;
  show(id: number, query: Record<string, unknown>): Promise<DiscoveryRecord>;
  /** Notes who answers where nobody is registered, and holds those addresses back while they are in the inbox. */
  found(
    tx: Tx,
    vrfId: number,
    scanId: number,
    facts: readonly (Fact & { answering: string | null })[],
    at: Date,
  ): Promise<void>;
  /** Registers the address, with what was observed of it unless the body says otherwise. */
  register(tx: Tx, id: number, body: RegisterBody, guard?: Guard): Promise<AddressRecord>;
  /** Takes it out of the inbox, and lets the address be handed out again. */
  dismiss(tx: Tx, id: number, note: string | undefined, guard?: Guard): Promise<DiscoveryRecord>;
  /** Locks the subnets in which some discoveries are, for whoever decides several. */
  lock(tx: Tx, ids: readonly number[]): Promise<void>;
  /** One of the two, as it was observed. */
  decide(
    tx: Tx,
    id: number,
    state: 'registered' | 'dismissed',
    note: string | undefined,
    guard: Guard,
  ): Promise<DiscoveryRecord>;
  /** Closes what somebody registers otherwise. */
  registered(tx: Tx, address: { id: number; vrfId: number; address: string }): Promise<void>;
}

// Who was dismissed stays so, unless another answers there now.
const note = named(
  'note_discoveries',
  `INSERT INTO discovery AS d (vrf_id, address, detected_at, scan_id)
   SELECT $1, f.address, $4, $5 FROM unnest($2::inet[], $3::macaddr[]) AS f (address, mac) ORDER BY f.address
   ON CONFLICT ON CONSTRAINT discovery_key DO UPDATE SET
     state = 'open', detected_at = EXCLUDED.detected_at, scan_id = EXCLUDED.scan_id, address_id = NULL, dismissed_mac = NULL,
     decided_at = NULL, decided_by = NULL, note = NULL
     WHERE d.state = 'registered' OR (d.state = 'dismissed' AND d.dismissed_mac <> (
       SELECT f.mac FROM unnest($2::inet[], $3::macaddr[]) AS f (address, mac) WHERE f.address = d.address LIMIT 1))
   RETURNING id, address`,
);
const openOnes = named(
  'open_discoveries_of',
  "SELECT address FROM discovery WHERE vrf_id = $1 AND address = ANY ($2::inet[]) AND state = 'open'",
);
const dismissIt = named(
  'dismiss_discovery',
  `UPDATE discovery SET state = 'dismissed', note = $2, decided_at = $3, decided_by = $4, dismissed_mac = $5 WHERE id = $1`,
);
const closeOthers = named(
  'close_registered_discovery',
  `UPDATE discovery SET state = 'registered', address_id = $3, decided_at = $4, decided_by = $5
    WHERE vrf_id = $1 AND address = $2 AND state = 'open'`,
);
const homesOf = named(
  'homes_of_discoveries',
  `SELECT DISTINCT longest_match(vrf_id, address) AS id FROM discovery WHERE id = ANY ($1::bigint[])
     AND longest_match(vrf_id, address) IS NOT NULL ORDER BY 1`,
);
const lockIt = named('lock_discovery', 'SELECT FROM discovery WHERE id = $1 FOR UPDATE');

/** Makes the service of discoveries. */
export function createDiscoveryService(ctx: ScannerContext): DiscoveryService {
  const { db, emit, config, clock, plugins } = ctx;
  const { addresses, space } = plugins.subnets;
  const list = discoveryList.extendedBy(ctx);
  const guard = config.discoveryGuardHours * 3_600_000;
  const who = (tx: Tx) => tx.caller.principal?.name ?? tx.caller.actor;

  async function demandOpen(tx: Tx, id: number, guarded?: Guard): Promise<DiscoveryRecord> {
    const found = await discoveryRecord(tx.query, id);
    guarded?.(found);
    if (found.state === 'open') return found;
    throw scannerErrors.discoveryDecided(
      `${found.address} is ${found.state} already${found.decidedBy ? ` by ${found.decidedBy}` : ''}.`,
    );
  }

  const service: DiscoveryService = {
    list: (query) => list.run(db.query, query),
    async show(id, query) {
      return list.complete(db.query, await discoveryRecord(db.query, id), query);
    },

    async found(tx, vrfId, scanId, facts, at) {
      if (facts.length === 0) return;
      const ips = facts.map(({ address }) => address);
      const macs = facts.map(({ answering }) => answering);
      const homes = new Map(facts.map(({ address, subnetId }) => [address, subnetId]));
      const fresh = await tx.query<{ id: number; address: string }>(note, [vrfId, ips, macs, at, scanId]);
      const open = await tx.query<{ address: string }>(openOnes, [vrfId, ips]);
      const until = new Date(at.getTime() + guard);
      await space.hold(
        tx,
        vrfId,
        open.map(({ address }) => address),
        until,
      );
      if (!ctx.isHeard('discovery.found')) return;
      for (const { id, address } of fresh)
        await emit(tx, 'discovery.found', { id, vrfId, address, subnetId: homes.get(address) ?? 0 });
    },

    async lock(tx, ids) {
      const homes = await tx.query<{ id: number }>(homesOf, [ids]);
      await space.lock(
        tx,
        homes.map((home) => home.id),
      );
    },

    async register(tx, id, body, guarded) {
      const { address, vrfId, mac, ptr } = await demandOpen(tx, id, guarded);
      const hostname = ptr?.replace(/\.$/, '') ?? null;
      const made = await addresses.create(tx, { mac, hostname, ...body, vrfId, address });
      await space.hold(tx, vrfId, [address], null);
      return made;
    },

    async dismiss(tx, id, said, guarded) {
      const { address, vrfId, mac } = await demandOpen(tx, id, guarded);
      await space.hold(tx, vrfId, [address], null);
      await tx.query(lockIt, [id]);
      await demandOpen(tx, id);
      await tx.query(dismissIt, [id, said ?? null, clock(), who(tx), mac]);
      return discoveryRecord(tx.query, id);
    },

    async decide(tx, id, state, said, guarded) {
      if (state === 'registered') await service.register(tx, id, {}, guarded);
      else await service.dismiss(tx, id, said, guarded);
      return discoveryRecord(tx.query, id);
    },

    async registered(tx, { id, vrfId, address }) {
      await tx.query(closeOthers, [vrfId, address, id, clock(), who(tx)]);
    },
  };
  return service;
}
