import { named, type Tx } from '#core';

// What the items of a list lock, each for itself, taken for all of them first: the VRFs' trees, then usage rows by id, as
// everybody does. Whoever has moved in the tree by the time that an item is handled is locked then.

interface VrfChoice {
  vrfId?: number | undefined;
  vrf?: string | undefined;
}
interface Placed {
  body: VrfChoice & { address: string };
}
interface Made {
  body: VrfChoice & { cidr: string; gateway?: string | null | undefined };
}

/** Of each item (`wanted`) the VRF `v` that it chose; those that chose none that is there fall out. */
const chosenVrfs = `CROSS JOIN LATERAL (
    SELECT id FROM vrf WHERE id = wanted.vrf_id
     UNION ALL SELECT id FROM vrf WHERE wanted.vrf_id IS NULL AND name = coalesce(wanted.vrf, 'global')) v`;

const lockHomesOfNew = named(
  'lock_homes_of_new',
  `SELECT lock_usage(ARRAY(SELECT longest_match(v.id, wanted.address)
     FROM unnest($1::bigint[], $2::text[], $3::inet[]) AS wanted (vrf_id, vrf, address) ${chosenVrfs}))`,
);
const lockHomesOf = named('lock_homes_of', 'SELECT lock_homes_of($1::bigint[])');
const lockTrees = named(
  'lock_trees',
  `SELECT lock_tree(id) FROM (
     SELECT DISTINCT v.id FROM unnest($1::bigint[], $2::text[]) AS wanted (vrf_id, vrf) ${chosenVrfs} ORDER BY 1) v`,
);
const lockPlaces = named(
  'lock_places_of_new',
  `SELECT lock_usage(ARRAY(SELECT longest_match(v.id, place)
     FROM unnest($1::bigint[], $2::text[], $3::inet[], $4::inet[]) AS wanted (vrf_id, vrf, block, gateway) ${chosenVrfs}
    CROSS JOIN LATERAL unnest(ARRAY[block, gateway]) place WHERE place IS NOT NULL))`,
);
const lockWithGateways = named(
  'lock_all_with_gateways',
  `SELECT lock_usage($1::bigint[] || ARRAY(SELECT longest_match(s.vrf_id, ip)
     FROM unnest($1::bigint[], $2::inet[]) AS wanted (id, gateway) JOIN subnet s ON s.id = wanted.id
    CROSS JOIN LATERAL unnest(ARRAY[s.gateway, wanted.gateway]) ip WHERE ip IS NOT NULL))`,
);

function choices(items: readonly { body: VrfChoice }[]): [unknown[], unknown[]] {
  return [items.map(({ body }) => body.vrfId ?? null), items.map(({ body }) => body.vrf ?? null)];
}

/** The homes of addresses that are to be registered. */
export function lockForNewAddresses(tx: Tx, items: readonly Placed[]) {
  return tx.query(lockHomesOfNew, [...choices(items), items.map(({ body }) => body.address)]);
}

/** The homes of addresses, by their ids; the transaction begins again where the tree changes meanwhile. */
export function lockHomes(tx: Tx, ids: readonly number[]) {
  return tx.query(lockHomesOf, [ids]);
}

/** The homes of addresses that are to be changed. */
export function lockForAddresses(tx: Tx, items: readonly { params: { id: number } }[]) {
  return lockHomes(
    tx,
    items.map(({ params }) => params.id),
  );
}

/** The trees that subnets are to be put into, their parents, and the homes of their gateways. */
export async function lockForNewSubnets(tx: Tx, items: readonly Made[]) {
  const chosen = choices(items);
  await tx.query(lockTrees, chosen);
  const blocks = items.map(({ body }) => body.cidr);
  await tx.query(lockPlaces, [...chosen, blocks, items.map(({ body }) => body.gateway ?? null)]);
}

/** Subnets that are to be changed, with the homes of their gateways, old and new. */
export function lockForSubnets(
  tx: Tx,
  items: readonly { params: { id: number }; body: { gateway?: string | null | undefined } }[],
) {
  return tx.query(lockWithGateways, [
    items.map(({ params }) => params.id),
    items.map(({ body }) => body.gateway ?? null),
  ]);
}

const lockTreesOfLabel = named(
  'lock_trees_of_label',
  `SELECT lock_tree(id) FROM (
     SELECT id FROM vrf WHERE tags <> '{}' AND tags @> ARRAY[$1::text]
      UNION SELECT vrf_id FROM ip_range WHERE tags <> '{}' AND tags @> ARRAY[$1::text] ORDER BY 1) v`,
);
const lockUsageOfLabel = named(
  'lock_usage_of_label',
  `SELECT lock_usage(ARRAY(
     SELECT id FROM subnet WHERE tags <> '{}' AND tags @> ARRAY[$1::text]
      UNION SELECT subnet_id FROM address WHERE tags <> '{}' AND tags @> ARRAY[$1::text]))`,
);

/** All records that carry a label, for who is to change or take it everywhere. */
export async function lockForLabel(tx: Tx, label: string) {
  await tx.query(lockTreesOfLabel, [label]);
  await tx.query(lockUsageOfLabel, [label]);
}
