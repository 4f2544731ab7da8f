import { coalesce, kernelErrors, type Page, type PluginContext, type RunQuery } from '#core';
import { type VlanReference, vlanInclude } from '#plugins/vlans';
import { subnetList, subnetOf } from './listings.ts';
import { addressesById, ancestors, findVrf, firstChildren, lookupMatches } from './queries.ts';
import { readSubnet, type SubnetRecord } from './records.ts';
import type { AddressRecord, SubnetNode, SubnetReference } from './schemas.ts';

/** What a look-up found in one VRF. */
export interface Match {
  vrf: { id: number; name: string };
  address: AddressRecord | null;
  subnet: SubnetRecord;
  ancestors: SubnetReference[];
  vlan: VlanReference | null;
  /** The device that holds the address. */
  device: { id: number; name: string } | null;
}

interface MatchRow {
  nth: number;
  vrfName: string;
  ancestors: SubnetReference[];
  addressId: number | null;
  subnet: Record<string, unknown>;
}

interface TreeQuery {
  vrf?: string | undefined;
  root?: number | undefined;
  depth?: number | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Ways through the tree of subnets. */
export interface TreeService {
  /** The top (or the children of `root`), with children down to `depth` levels in all. */
  tree(query: TreeQuery): Promise<{ items: SubnetNode[]; nextCursor: string | null }>;
  children(id: number, query: Record<string, unknown>): Promise<Page<SubnetRecord>>;
  /** From the top down to the parent. */
  ancestors(id: number): Promise<SubnetRecord[]>;
  /** The longest match of an address or block in each VRF, or in one. */
  lookup(ipOrCidr: string, vrf: string | undefined): Promise<Match[]>;
}

const childrenAtOnce = 100;
const lookupsAtOnce = 16;

/** Makes the service of the tree. */
export function createTreeService(
  { db }: Pick<PluginContext<unknown, unknown, unknown, []>, 'db'>,
  list: typeof subnetList,
): TreeService {
  async function vrfId(vrf: string | undefined): Promise<number | null> {
    if (vrf === undefined) return null;
    const [row] = await db.query<{ id: number }>(findVrf, [vrf]);
    if (row) return row.id;
    const message = `There is no VRF ${vrf}; GET /vrfs lists them.`;
    throw kernelErrors.invalid(message, { errors: [{ path: 'query.vrf', code: 'not-found', message }] });
  }

  /** Look-ups that arrive together go to the database together. */
  const lookups = coalesce(async (only: number | null, asked: readonly string[]) => {
    const rows = await db.query<MatchRow>(lookupMatches, [asked, only]);
    const ids = rows.flatMap(({ addressId }) => addressId ?? []);
    const found = rows.map(({ subnet }) => subnetOf(subnet) as unknown as SubnetRecord);
    // A statement each, and none where no subnet has a VLAN: as a part of the look-up itself it would cost all of them something.
    const [held, vlans] = await Promise.all([
      ids.length === 0 ? [] : db.query<AddressRecord & { deviceName: string }>(addressesById, [ids]),
      vlanInclude.load(db.query, found) as Promise<(VlanReference | null)[]>,
    ]);
    const addresses = new Map(
      held.map(({ deviceName, ...address }) => [address.id, { address, deviceName }]),
    );
    const answers = asked.map((): Match[] => []);
    for (const [at, { nth, vrfName, ancestors, addressId }] of rows.entries()) {
      const subnet = found[at] as SubnetRecord;
      const { address, deviceName } = addresses.get(addressId ?? 0) ?? { address: null };
      answers[nth]?.push({
        vrf: { id: subnet.vrfId, name: vrfName },
        address,
        subnet,
        ancestors,
        vlan: vlans[at] ?? null,
        device: address?.deviceId ? { id: address.deviceId, name: deviceName as string } : null,
      });
    }
    return answers;
  }, lookupsAtOnce);

  return {
    async tree({ vrf, root, depth = 1, ...paging }) {
      if (root !== undefined) await readSubnet(db.query, root);
      const vrfs = await vrfId(vrf);
      const page = await list.run(db.query, paging, (bindings) =>
        [
          root === undefined ? 's.parent_id IS NULL' : `s.parent_id = ${bindings.bind(root)}`,
          ...(vrfs === null ? [] : [`s.vrf_id = ${bindings.bind(vrfs)}`]),
        ].join(' AND '),
      );
      const items = page.items as SubnetNode[];
      await unfold(db.query, items, depth - 1);
      return { items, nextCursor: page.nextCursor };
    },

    async children(id, query) {
      await readSubnet(db.query, id);
      return list.run(db.query, query, (bindings) => `s.parent_id = ${bindings.bind(id)}`);
    },

    async ancestors(id) {
      await readSubnet(db.query, id);
      return (await db.query<Record<string, unknown>>(ancestors, [id])).map(
        subnetOf,
      ) as unknown as SubnetRecord[];
    },

    async lookup(ipOrCidr, vrf) {
      return lookups(await vrfId(vrf), ipOrCidr);
    },
  };
}

/** Hangs the first children below each node, level by level, one statement a level. */
async function unfold(query: RunQuery, nodes: SubnetNode[], levels: number): Promise<void> {
  if (levels <= 0 || nodes.length === 0) return;
  const rows = await query<Record<string, unknown>>(firstChildren, [nodes.map(({ id }) => id)]);
  const below = Map.groupBy(rows.map(subnetOf) as unknown as SubnetNode[], ({ parentId }) => parentId);
  for (const node of nodes) {
    const found = below.get(node.id) ?? [];
    node.children = found.slice(0, childrenAtOnce);
    node.childrenCursor =
      found.length > childrenAtOnce
        ? subnetList.cursorAfter(node.children.at(-1)?.cidr ?? '', node.children.at(-1)?.id ?? 0)
        : null;
  }
  await unfold(
    query,
    nodes.flatMap(({ children = [] }) => children),
    levels - 1,
  );
}
