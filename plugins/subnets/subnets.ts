import type { z } from 'zod';
import {
  assignmentOf,
  commonAssigned,
  commonInserted,
  commonValues,
  invalidRequest,
  named,
  type PluginContext,
  type Tx,
} from '#core';
import { chosenVlan } from '#plugins/vlans';
import { formatIp, readAnyIp } from './domain/address.ts';
import { contains, hostBlock, readBlock, usableSpan } from './domain/block.ts';
import { subnetErrors } from './errors.ts';
import type { subnetEvents } from './events.ts';
import { demandPolicy, policyChecks } from './policy.ts';
import { chosenVrf, readSubnet, readSubnets, type SubnetRecord } from './records.ts';
import type { newSubnet, subnetPatch } from './schemas.ts';

type Guard = (current: { version: number }) => void;
type Context = Pick<PluginContext<unknown, unknown, typeof subnetEvents, []>, 'db' | 'emit' | 'extensions'>;

/** What becomes of what a deleted subnet holds. */
export type Cascade = 'refuse' | 'rehome' | 'delete';

/** How much a subnet holds directly. */
interface Content {
  children: number;
  addresses: number;
  ranges: number;
}

/** What can be done with subnets. */
export interface SubnetService {
  get(id: number): Promise<SubnetRecord>;
  /** The same as the transaction sees it. */
  readIn(tx: Tx, id: number): Promise<SubnetRecord>;
  /** Those of some ids, in the order of the ids, as the transaction sees them. */
  readMany(tx: Tx, ids: readonly number[]): Promise<SubnetRecord[]>;
  create(tx: Tx, input: z.output<typeof newSubnet>): Promise<SubnetRecord>;
  update(tx: Tx, id: number, patch: z.output<typeof subnetPatch>, guard: Guard): Promise<SubnetRecord>;
  remove(tx: Tx, id: number, cascade: Cascade, guard: Guard): Promise<void>;
  /** Tells whoever listens; for plugins that make subnets by SQL of their own. */
  announce(
    tx: Tx,
    event: keyof typeof subnetEvents & `subnet.${string}`,
    subnet: SubnetRecord,
  ): Promise<void>;
}

const columns = {
  name: 'name',
  status: 'status',
  allowNetworkAndBroadcast: 'allow_network_and_broadcast',
  gateway: 'gateway',
  vlanId: 'vlan_id',
  strategy: 'strategy',
  childStrategy: 'child_strategy',
  minChildPrefixLength: 'min_child_prefix_length',
  maxChildPrefixLength: 'max_child_prefix_length',
  defaultChildPrefixLength: 'default_child_prefix_length',
  cooldownSeconds: 'cooldown_seconds',
  monitored: 'monitored',
  ...commonAssigned,
};
const insert = {
  name: 'insert_subnet',
  text: `INSERT INTO subnet (vrf_id, cidr, name, status, allow_network_and_broadcast, ${commonInserted}, strategy,
      child_strategy, min_child_prefix_length, max_child_prefix_length, default_child_prefix_length, cooldown_seconds, monitored,
      gateway, vlan_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING id`,
};

/** The space of a subnet, and that of the subnets in which its gateways, old and new, have their homes. */
const lockWithGateways = named(
  'lock_with_gateways',
  `SELECT lock_usage(ARRAY[s.id] || ARRAY(
      SELECT longest_match(s.vrf_id, ip) FROM unnest(ARRAY[s.gateway, $2::inet]) ip WHERE ip IS NOT NULL))
     FROM subnet s WHERE s.id = $1`,
);

/** Makes the service of subnets. The tree, the homes and the free space follow by the triggers of migrations/subnets. */
export function createSubnetService({ db, emit, extensions }: Context): SubnetService {
  /** Locks a subnet's row, not its key, which those who put addresses into it refer to; whoever calls holds its space. */
  async function locked(tx: Tx, id: number, guard: Guard): Promise<SubnetRecord> {
    await tx.query('SELECT FROM subnet WHERE id = $1 FOR NO KEY UPDATE', [id]);
    const current = await readSubnet(tx.query, id);
    guard(current);
    return current;
  }

  const announce: SubnetService['announce'] = (tx, event, { id, vrfId, cidr }) =>
    emit(tx, event, { id, vrfId, cidr });

  /** Locks the tree, then the space of a subnet, of its parent and, where `branch`, of all that it holds. */
  async function lockForRemoval(tx: Tx, id: number, branch: boolean): Promise<void> {
    await tx.query('SELECT lock_tree(vrf_id) FROM subnet WHERE id = $1', [id]);
    await tx.query(
      `SELECT lock_usage(ARRAY[s.id, s.parent_id] || ARRAY(
          SELECT below.id FROM subnet below WHERE $2 AND below.vrf_id = s.vrf_id AND below.cidr << s.cidr)
          || coalesce(longest_match(s.vrf_id, s.gateway), s.id))
        FROM subnet s WHERE s.id = $1`,
      [id, branch],
    );
  }

  async function removeBranch(tx: Tx, { vrfId, cidr }: SubnetRecord): Promise<void> {
    await tx.query(
      'UPDATE subnet SET gateway = NULL WHERE vrf_id = $1 AND cidr <<= $2::cidr AND gateway IS NOT NULL',
      [vrfId, cidr],
    );
    await tx.query(
      'DELETE FROM ip_range WHERE vrf_id = $1 AND start_ip <<= $2::cidr AND end_ip <<= $2::cidr',
      [vrfId, cidr],
    );
    await tx.query('DELETE FROM address WHERE vrf_id = $1 AND address <<= $2::cidr', [vrfId, cidr]);
    await tx.query('DELETE FROM subnet WHERE vrf_id = $1 AND cidr <<= $2::cidr', [vrfId, cidr]);
  }

  /** What a subnet holds directly; released addresses are history, and hold nothing. */
  async function contentOf(tx: Tx, id: number): Promise<Content> {
    const [row] = await tx.query<Content>(
      `SELECT child_count AS children,
              (SELECT count(*) FROM address WHERE subnet_id = $1 AND status <> 'free') AS addresses,
              (SELECT count(*) FROM ranges_in(s.vrf_id, first_ip(s.cidr), last_ip(s.cidr)) r
                WHERE longest_match(r.vrf_id, inet_merge(r.start_ip, r.end_ip)) = s.id) AS ranges
         FROM subnet_usage JOIN subnet s ON s.id = subnet_id WHERE subnet_id = $1`,
      [id],
    );
    return row ?? { children: 0, addresses: 0, ranges: 0 };
  }

  return {
    announce,
    get: (id) => readSubnet(db.query, id),
    readIn: (tx, id) => readSubnet(tx.query, id),
    readMany: (tx, ids) => readSubnets(tx.query, ids),

    async create(tx, input) {
      demandUsable(input.gateway, input.cidr, input.allowNetworkAndBroadcast);
      demandPolicy(extensions(policyChecks), input.cidr, {}, input);
      const vrfId = await chosenVrf(tx.query, input);
      const [row] = await tx.query<{ id: number }>(insert, [
        vrfId,
        input.cidr,
        input.name,
        input.status ?? 'active',
        input.allowNetworkAndBroadcast ?? false,
        ...commonValues(input),
        input.strategy,
        input.childStrategy,
        input.minChildPrefixLength,
        input.maxChildPrefixLength,
        input.defaultChildPrefixLength,
        input.cooldownSeconds,
        input.monitored ?? false,
        input.gateway,
        await chosenVlan(tx.query, input),
      ]);
      const subnet = await readSubnet(tx.query, (row as { id: number }).id);
      await announce(tx, 'subnet.created', subnet);
      return subnet;
    },

    async update(tx, id, patch, guard) {
      await tx.query(lockWithGateways, [id, patch.gateway]);
      const current = await locked(tx, id, guard);
      const { gateway = current.gateway, allowNetworkAndBroadcast = current.allowNetworkAndBroadcast } =
        patch;
      demandUsable(gateway, current.cidr, allowNetworkAndBroadcast);
      demandPolicy(extensions(policyChecks), current.cidr, current, patch);
      const vlanId = await chosenVlan(tx.query, patch);
      const { sql, values } = assignmentOf({ ...patch, vlanId }, columns, 2);
      if (sql === '') return current;
      await tx.query(`UPDATE subnet SET ${sql} WHERE id = $1`, [id, ...values]);
      const subnet = await readSubnet(tx.query, id);
      await announce(tx, 'subnet.updated', subnet);
      return subnet;
    },

    async remove(tx, id, cascade, guard) {
      await lockForRemoval(tx, id, cascade === 'delete');
      const subnet = await locked(tx, id, guard);
      // Its gateway goes with it.
      if (subnet.gateway) await tx.query('UPDATE subnet SET gateway = NULL WHERE id = $1', [id]);
      const { children, addresses, ranges } = await contentOf(tx, id);
      const isEmpty = children + addresses + ranges === 0;
      const holds = `${subnet.cidr} holds ${children} subnets and ${addresses} addresses${ranges > 0 ? ` and ${ranges} ranges` : ''}`;
      if (cascade === 'refuse' && !isEmpty) {
        throw subnetErrors.subnetNotEmpty(
          `${holds}; empty it first, or choose ?cascade=rehome to give them to the subnet above, or ?cascade=delete.`,
          { members: { children, addresses, ranges } },
        );
      }
      if (cascade === 'rehome' && subnet.parentId === null && !isEmpty) {
        throw subnetErrors.noParent(`${holds}, and there is no subnet above that could take them.`, {
          members: { children, addresses, ranges },
        });
      }
      if (cascade === 'delete') await removeBranch(tx, subnet);
      else {
        // At the top nothing takes the released addresses over; they go with their subnet.
        if (subnet.parentId === null)
          await tx.query(`DELETE FROM address WHERE subnet_id = $1 AND status = 'free'`, [id]);
        await tx.query('DELETE FROM subnet WHERE id = $1', [id]);
      }
      await announce(tx, 'subnet.deleted', subnet);
    },
  };
}

/** 422 unless a gateway is an address that hosts of the subnet may have. */
function demandUsable(gateway: string | null | undefined, cidr: string, withEdges = false): void {
  const ip = gateway ? readAnyIp(gateway) : undefined;
  const block = readBlock(cidr);
  if (!ip?.ok || !block.ok) return;
  const { first, last } = usableSpan(block.value, withEdges);
  const { family, value } = ip.value;
  if (contains(block.value, hostBlock(ip.value)) && value >= first && value <= last) return;
  const [lowest, highest] = [first, last].map((each) =>
    formatIp({ family: block.value.family, value: each }),
  );
  const message =
    family === block.value.family && contains(block.value, hostBlock(ip.value))
      ? `${gateway} is not an address for hosts in ${cidr}, which has ${lowest} to ${highest}; choose one of those, or set allowNetworkAndBroadcast.`
      : `${gateway} does not lie in ${cidr}; a gateway is one of ${lowest} to ${highest}.`;
  throw invalidRequest([{ path: 'body.gateway', code: 'gateway-not-usable', message }]);
}
