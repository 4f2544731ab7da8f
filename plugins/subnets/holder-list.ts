import { type Bindings, listing, named, type RunQuery } from '#core';
import { type AddressHolder, addressHolder } from './holder-schemas.ts';

// By its key for each row: a join would have the planner, which takes the rows for many, read all devices.
const mention = (table: string) =>
  `(SELECT json_build_object('id', m.id, 'name', m.name) FROM ${table} m WHERE m.id = h.${table}_id)`;
const fields = {
  id: 'nullif(h.id, 0)',
  addressId: 'h.address_id',
  own: 'h.id = 0',
  deviceId: 'h.device_id',
  device: mention('device'),
  interfaceId: 'h.interface_id',
  interface: mention('interface'),
  version: 'h.version',
  createdAt: 'h.created_at',
  createdBy: 'h.created_by',
};
/** Who holds what: the address's own holder, as number 0, and the further ones. */
export const holderSource = `(
    SELECT 0::bigint AS id, id AS address_id, device_id, interface_id, NULL::int AS version, NULL::timestamptz AS created_at,
           NULL::text AS created_by FROM address WHERE device_id IS NOT NULL
     UNION ALL
    SELECT id, address_id, device_id, interface_id, version, created_at, created_by FROM address_assignment) h`;
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

const firstOnes = named(
  'first_holders',
  `SELECT ${holderColumns} FROM unnest($1::bigint[]) a (id)
    CROSS JOIN LATERAL (SELECT * FROM ${holderSource} WHERE h.address_id = a.id ORDER BY h.id LIMIT 100) h
    ORDER BY h.address_id, h.id`,
);
/** The first hundred holders of each of some addresses, in the order of these; `GET /addresses/{id}/assignments` lists them all. */
export async function firstHolders(
  query: RunQuery,
  addresses: readonly Readonly<Record<string, unknown>>[],
): Promise<AddressHolder[][]> {
  const rows = await query<AddressHolder>(firstOnes, [addresses.map(({ id }) => id)]);
  const byAddress = Map.groupBy(rows, ({ addressId }) => addressId);
  return addresses.map(({ id }) => byAddress.get(id as number) ?? []);
}

/** Of the list of addresses: those that a device holds, alone or with others. */
export function heldByDevice(deviceId: number): (bindings: Bindings) => string {
  return (bindings) => {
    const device = bindings.bind(deviceId);
    return `a.id IN (SELECT id FROM address WHERE device_id = ${device}
      UNION ALL SELECT address_id FROM address_assignment WHERE device_id = ${device})`;
  };
}
