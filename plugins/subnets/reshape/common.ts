import { named, type PluginContext, type Tx } from '#core';
import type { subnetEvents } from '../events.ts';
import { readSubnet, type SubnetRecord } from '../records.ts';
import type { SubnetService } from '../subnets.ts';
import type { Change, Rehomed } from './schemas.ts';

/** Throws where `If-Match` names another version. */
export type Guard = (current: { version: number }) => void;

/** What reshaping works with. */
export interface ReshapeContext
  extends Pick<PluginContext<unknown, unknown, typeof subnetEvents, []>, 'emit'> {
  subnets: Pick<SubnetService, 'readIn' | 'readMany' | 'announce'>;
}

interface Went {
  fromId: number;
  toId: number;
  addresses: number;
}

const lockTree = named('lock_tree_of', 'SELECT lock_tree(vrf_id) FROM subnet WHERE id = $1');
const lockUsage = named('lock_usage', 'SELECT lock_usage($1::bigint[])');
const lockRow = named('lock_subnet', 'SELECT FROM subnet WHERE id = $1 FOR NO KEY UPDATE');
const resize = named(
  'resize_subnet',
  'SELECT from_id AS "fromId", to_id AS "toId", addresses FROM resize_subnet($1, $2)',
);
const unusable = named(
  'unusable_held',
  `SELECT a.address, a.status, s.cidr, a.address = last_ip(s.cidr) AS "isLast" FROM subnet s
     JOIN address a ON a.subnet_id = s.id AND a.address IN (first_ip(s.cidr), last_ip(s.cidr))
    WHERE s.id = ANY ($1) AND a.status <> 'free' AND NOT a.address BETWEEN
      first_usable(s.cidr, s.allow_network_and_broadcast) AND last_usable(s.cidr, s.allow_network_and_broadcast)
    ORDER BY a.address`,
);

/**
 * Locks the tree, then the space that `touches` names (it sees the tree as it stays from then on), then the subnet's row, and
 * reads it. 404 where there is no such subnet.
 */
export async function lockSubnet(
  tx: Tx,
  id: number,
  guard: Guard,
  touches: () => Promise<readonly (number | null)[]>,
): Promise<SubnetRecord> {
  await tx.query(lockTree, [id]);
  await tx.query(lockUsage, [await touches()]);
  await tx.query(lockRow, [id]);
  const current = await readSubnet(tx.query, id);
  guard(current);
  return current;
}

/** Has a subnet take another block; answers how many addresses went from which subnet to which. */
export async function resizeSubnet(tx: Tx, id: number, cidr: string): Promise<Went[]> {
  return tx.query<Went>(resize, [id, cidr]);
}

/** Says which registered addresses are the network or broadcast address of some subnets, where those are not for hosts. */
export async function unusableWarnings(tx: Tx, ids: readonly number[]): Promise<string[]> {
  const rows = await tx.query<{ address: string; status: string; cidr: string; isLast: boolean }>(unusable, [
    ids,
  ]);
  return rows.map(({ address, status, cidr, isLast }) => {
    const first = address.includes(':') ? 'subnet-router anycast' : 'network';
    return `${address} is ${status}, and is the ${isLast ? 'broadcast' : first} address of ${cidr}.`;
  });
}

/** How many addresses the direct space of each of some subnets has, which are to go to another. */
export async function addressCounts(tx: Tx, ids: readonly number[]): Promise<Map<number, number>> {
  const rows = await tx.query<{ id: number; n: number }>(
    named(
      'addresses_per_subnet',
      'SELECT subnet_id AS id, count(*) AS n FROM address WHERE subnet_id = ANY ($1) GROUP BY 1',
    ),
    [ids],
  );
  return new Map(rows.map(({ id, n }) => [id, n]));
}

/** The counts of addresses that go to or come from another subnet, without those of none. */
export function rehomedOf(entries: Iterable<Rehomed>): Rehomed[] {
  return [...entries].filter(({ addresses }) => addresses > 0);
}

/** One field's change of an existing subnet. */
export function subnetUpdate(
  { id, cidr }: Pick<SubnetRecord, 'id' | 'cidr'>,
  fields: Change['fields'],
): Change {
  return { action: 'update', entity: 'subnet', id, key: cidr, fields };
}

/** Something that is gone. */
export function deletion(entity: Change['entity'], id: number, key: string): Change {
  return { action: 'delete', entity, id, key };
}
