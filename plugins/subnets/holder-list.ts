import { listing, named, type RunQuery } from '#core';
import { type AddressHolder, addressHolder } from './holder-schemas.ts';

const reference = (alias: string) =>
  `CASE WHEN ${alias}.id IS NOT NULL THEN json_build_object('id', ${alias}.id, 'name', ${alias}.name) END`;
const fields = {
  id: 'nullif(h.id, 0)',
  addressId: 'h.address_id',
  own: 'h.id = 0',
  deviceId: 'h.device_id',
  device: reference('d'),
  interfaceId: 'h.interface_id',
  interface: reference('i'),
  version: 'h.version',
  createdAt: 'h.created_at',
  createdBy: 'h.created_by',
};
/** Who holds what: the address's own holder, as number 0, and the further ones. */
export const holderSource = `(
    SELECT 0::bigint AS id, id AS address_id, device_id, interface_id, NULL::int AS version, NULL::timestamptz AS created_at,
           NULL::text AS created_by FROM address WHERE device_id IS NOT NULL
     UNION ALL
    SELECT id, address_id, device_id, interface_id, version, created_at, created_by FROM address_assignment) h
    JOIN device d ON d.id = h.device_id
    LEFT JOIN interface i ON i.id = h.interface_id`;
export const holderColumns = Object.entries(fields)
  .map(([name, sql]) => `${sql} AS "${name}"`)
  .join(', ');

/** GET /addresses/{id}/assignments. */
export const holderList = listing({
  item: addressHolder,
  fields,
  from: holderSource,
  table: 'address_assignment',
  idSql: 'h.id',
  sorts: { id: { sql: 'h.id', type: 'bigint' } },
  defaultSort: 'id',
  filters: {},
});

const holdersOf = named(
  'holders_of',
  `SELECT ${holderColumns} FROM ${holderSource} WHERE h.address_id = ANY ($1::bigint[]) ORDER BY h.address_id, h.id`,
);
/** All holders of each of some addresses, in the order of these. */
export async function allHolders(
  query: RunQuery,
  addresses: readonly Readonly<Record<string, unknown>>[],
): Promise<AddressHolder[][]> {
  const rows = await query<AddressHolder>(holdersOf, [addresses.map(({ id }) => id)]);
  const byAddress = Map.groupBy(rows, ({ addressId }) => addressId);
  return addresses.map(({ id }) => byAddress.get(id as number) ?? []);
}
