import { named, type Tx } from '#core';
import type { ScannerContext } from './context.ts';
import type { ConflictKind } from './domain/conclude.ts';
import { scannerErrors } from './errors.ts';
import { type Clash, type Fact, recordedOf } from './facts.ts';
import { conflictList, conflictRecord } from './lists.ts';
import type { ConflictRecord, Resolution } from './schemas.ts';

/** Where the network contradicts the register. */
export interface ConflictService {
  list(query: Record<string, unknown>): ReturnType<typeof conflictList.run>;
  show(id: number, query: Record<string, unknown>): Promise<ConflictRecord>;
  /** Opens a conflict, or again, and quarantines the address; of one that is open, notes what is observed now. */
  open(tx: Tx, vrfId: number, scanId: number, clash: Clash, at: Date): Promise<void>;
  /** Locks the subnets of what some conflicts are about, for whoever resolves several. */
  lock(tx: Tx, ids: readonly number[]): Promise<void>;
  /** Ends a conflict in one of three ways, and the quarantine where nothing else keeps it. */
  resolve(
    tx: Tx,
    id: number,
    resolution: Resolution,
    note: string | undefined,
    guard?: (current: { version: number }) => void,
  ): Promise<ConflictRecord>;
}

const openIt = named(
  'open_conflict',
  `INSERT INTO conflict AS c (vrf_id, address, address_id, kind, severity, recorded, observed, former_status, detected_at, scan_id)
    VALUES ($1, $2, $3, $4, $5,
            $6::jsonb || coalesce((SELECT jsonb_build_object('device', name) FROM device WHERE id = ($6::jsonb->>'deviceId')::bigint), '{}'),
            $7, $8, $9, $10)
    ON CONFLICT ON CONSTRAINT conflict_key DO UPDATE SET
      state = 'open', address_id = EXCLUDED.address_id, severity = EXCLUDED.severity, recorded = EXCLUDED.recorded,
      observed = EXCLUDED.observed, former_status = EXCLUDED.former_status, detected_at = EXCLUDED.detected_at,
      scan_id = EXCLUDED.scan_id, resolution = NULL, resolved_at = NULL, resolved_by = NULL, note = NULL,
      history = c.history || jsonb_build_array(jsonb_build_object('detectedAt', c.detected_at, 'recorded', c.recorded,
        'observed', c.observed, 'resolution', c.resolution, 'resolvedAt', c.resolved_at, 'resolvedBy', c.resolved_by,
        'note', c.note))
      WHERE c.state = 'resolved'
    RETURNING id, history <> '[]' AS again`,
);
const noteObserved = named(
  'note_observed',
  `UPDATE conflict SET observed = $4 WHERE vrf_id = $1 AND address = $2 AND kind = $3 AND state = 'open'
      AND observed IS DISTINCT FROM $4::jsonb`,
);
const formerStatus = named(
  'former_status',
  `SELECT former_status AS status FROM conflict
    WHERE vrf_id = $1 AND address = $2 AND state = 'open' AND former_status IS NOT NULL AND kind <> $3 LIMIT 1`,
);
const closeIt = named(
  'close_conflict',
  `UPDATE conflict SET state = 'resolved', resolution = $2, note = $3, resolved_at = $4, resolved_by = $5 WHERE id = $1`,
);
const closeOthers = named(
  'close_other_conflicts',
  `UPDATE conflict SET state = 'resolved', resolution = 'release', note = $3, resolved_at = $4, resolved_by = $5
    WHERE address_id = $1 AND id <> $2 AND state = 'open' RETURNING id`,
);
const ownerOfMac = named(
  'owner_of_mac',
  'SELECT id AS "interfaceId", device_id AS "deviceId" FROM interface WHERE mac = $1 LIMIT 2',
);
const homesOf = named(
  'homes_of_conflicts',
  `SELECT DISTINCT a.subnet_id AS id FROM conflict c JOIN address a ON a.id = c.address_id
    WHERE c.id = ANY ($1::bigint[]) ORDER BY 1`,
);
const lockIt = named('lock_conflict', 'SELECT FROM conflict WHERE id = $1 FOR UPDATE');
const holdsQuarantine = named(
  'holds_quarantine',
  `SELECT FROM conflict WHERE vrf_id = $1 AND address = $2 AND id <> $3 AND state = 'open' AND former_status IS NOT NULL LIMIT 1`,
);

/** How grave each kind is. */
const severities = {
  'mac-mismatch': 'high',
  'duplicate-address': 'high',
  'hostname-mismatch': 'low',
} as const satisfies Record<ConflictKind, string>;

const recordedIn = (fact: Fact) => {
  const { status, hostname, mac, deviceId, interfaceId } = fact;
  return { status, hostname, mac, macs: recordedOf(fact).macs, deviceId, interfaceId };
};

const announced = ({ id, vrfId, address, addressId, kind, severity }: ConflictRecord) => ({
  id,
  vrfId,
  address,
  addressId,
  kind,
  severity,
});

/** Makes the service of conflicts. */
export function createConflictService(ctx: ScannerContext): ConflictService {
  const { db, emit, config, clock, plugins } = ctx;
  const { addresses } = plugins.subnets;
  const list = conflictList.extendedBy(ctx);
  const quarantines = (kind: ConflictKind) =>
    severities[kind] === 'high' || config.quarantineHostnameMismatch;

  /** What an observed MAC makes of an assignment: the interface that has it, else nobody where the holder has another. */
  async function holderOf(tx: Tx, mac: string, recorded: ConflictRecord['recorded']) {
    const owners = await tx.query<{ interfaceId: number; deviceId: number }>(ownerOfMac, [mac]);
    if (owners[0] && owners.length === 1) return owners[0];
    const { mac: own, macs = [] } = recorded as { mac?: string | null; macs?: string[] };
    return own === null && macs.length > 0 ? { deviceId: null } : {};
  }

  async function acceptedPatch(tx: Tx, { kind, recorded, observed, address }: ConflictRecord) {
    const { macs = [], ptr } = observed as { macs?: string[]; ptr?: string | null };
    if (kind === 'hostname-mismatch') {
      if (ptr) return { hostname: ptr.replace(/\.$/, '') };
      throw scannerErrors.nothingToAccept(`No host name was observed at ${address}; resolve it otherwise.`);
    }
    const known = (recorded as { macs?: string[] }).macs ?? [];
    const mac = macs.find((each) => !known.includes(each)) ?? macs[0];
    if (mac === undefined)
      throw scannerErrors.nothingToAccept(`No MAC was observed at ${address}; resolve it otherwise.`);
    return { mac, ...(await holderOf(tx, mac, recorded)) };
  }

  return {
    list: (query) => list.run(db.query, query),
    async show(id, query) {
      return list.complete(db.query, await conflictRecord(db.query, id), query);
    },

    async open(tx, vrfId, scanId, { fact, kind, seen }, at) {
      const { address, addressId, status } = fact;
      const recorded = recordedIn(fact);
      const observed = { mac: seen.macs[0] ?? null, macs: seen.macs, ptr: seen.ptr };
      const shuts = quarantines(kind) && addressId !== null && status !== 'free';
      let former: string | null = null;
      if (shuts && status === 'quarantined') {
        const [other] = await tx.query<{ status: string }>(formerStatus, [vrfId, address, kind]);
        former = other?.status ?? null;
      } else if (shuts) former = status;
      const [opened] = await tx.query<{ id: number; again: boolean }>(openIt, [
        vrfId,
        address,
        addressId,
        kind,
        severities[kind],
        JSON.stringify(recorded),
        JSON.stringify(observed),
        former,
        at,
        scanId,
      ]);
      if (!opened) {
        await tx.query(noteObserved, [vrfId, address, kind, JSON.stringify(observed)]);
        return;
      }
      if (shuts && status !== 'quarantined')
        await addresses.update(tx, addressId, { status: 'quarantined' }, () => undefined);
      const severity = severities[kind];
      const { id, again } = opened;
      const payload = { id, vrfId, address, addressId, kind, severity, recorded, observed, again };
      await emit(tx, 'conflict.detected', payload);
    },

    async lock(tx, ids) {
      const homes = await tx.query<{ id: number }>(homesOf, [ids]);
      await plugins.subnets.space.lock(
        tx,
        homes.map(({ id }) => id),
      );
    },

    async resolve(tx, id, resolution, note, guard) {
      const found = await conflictRecord(tx.query, id);
      const [there] =
        found.addressId === null
          ? []
          : await tx.query('SELECT FROM address WHERE id = $1', [found.addressId]);
      const row = there && found.addressId !== null ? await addresses.lock(tx, found.addressId) : undefined;
      await tx.query(lockIt, [id]);
      const conflict = await conflictRecord(tx.query, id);
      guard?.(conflict);
      if (conflict.state === 'resolved') {
        throw scannerErrors.conflictResolved(
          `The conflict was resolved by ${conflict.resolvedBy} (${conflict.resolution}); it opens again if it comes back.`,
        );
      }
      const now = clock();
      const by = tx.caller.principal?.name ?? tx.caller.actor;
      if (row && resolution === 'release') {
        await addresses.free(tx, row.id);
        await tx.query(closeOthers, [row.id, id, note ?? null, now, by]);
      } else if (row) {
        const [kept] = await tx.query(holdsQuarantine, [conflict.vrfId, conflict.address, id]);
        const former = await formerOf(tx, id);
        const status = row.status === 'quarantined' && !kept && former ? { status: former } : {};
        const taken = resolution === 'accept-observed' ? await acceptedPatch(tx, conflict) : {};
        await addresses.update(tx, row.id, { ...status, ...taken }, () => undefined);
      }
      await tx.query(closeIt, [id, resolution, note ?? null, now, by]);
      const resolved = await conflictRecord(tx.query, id);
      await emit(tx, 'conflict.resolved', { ...announced(resolved), resolution });
      return resolved;
    },
  };
}

async function formerOf(tx: Tx, id: number): Promise<'reserved' | 'assigned' | 'deprecated' | undefined> {
  const [row] = await tx.query<{ status: string | null }>(
    'SELECT former_status AS status FROM conflict WHERE id = $1',
    [id],
  );
  return (row?.status ?? undefined) as 'reserved' | 'assigned' | 'deprecated' | undefined;
}
