import type { z } from 'zod';
import { kernelErrors, type RunQuery } from '#core';
import {
  addressFields,
  rolledUpFields,
  rolledUpSource,
  subnetFields,
  subnetOf,
  vrfFields,
} from './listings.ts';
import { rangeFields, rangeOf } from './range-list.ts';
import type { rangeSchema } from './range-schemas.ts';
import type { AddressRecord, SubnetNode, vrfSchema } from './schemas.ts';

export type VrfRecord = z.input<typeof vrfSchema>;
export type RangeRecord = z.input<typeof rangeSchema>;
export type SubnetRecord = Omit<SubnetNode, 'children' | 'childrenCursor'>;

/** The columns of a SELECT for these fields; `inside` names an object that they become the fields of. */
function columns(fields: Record<string, string>, inside = ''): string {
  return Object.entries(fields)
    .map(([name, sql]) => `${sql} AS "${inside}${name}"`)
    .join(', ');
}

const vrfColumns = columns(vrfFields);
export const subnetColumns = columns(subnetFields);
const rolledUpColumns = columns(rolledUpFields);
export const embeddedSubnetColumns = columns(subnetFields, 'subnet.');
export const addressColumns = columns(addressFields);
const rangeColumns = columns(rangeFields);

function first<T>(rows: T[], what: string, id: number): T {
  const [row] = rows;
  if (!row) throw kernelErrors.notFound(`There is no ${what} ${id}.`);
  return row;
}

/** The VRF of an id, as clients see it; 404 where there is none. */
export async function readVrf(query: RunQuery, id: number): Promise<VrfRecord> {
  const text = `SELECT ${vrfColumns} FROM vrf v WHERE v.id = $1`;
  return first(await query<VrfRecord>({ name: 'read_vrf', text }, [id]), 'VRF', id);
}

/** The subnet of an id, as clients see it; 404 where there is none. */
export async function readSubnet(query: RunQuery, id: number): Promise<SubnetRecord> {
  const text = `SELECT ${rolledUpColumns} FROM ${rolledUpSource} WHERE s.id = $1`;
  const row = first(await query<Record<string, unknown>>({ name: 'read_subnet', text }, [id]), 'subnet', id);
  return subnetOf(row) as unknown as SubnetRecord;
}

/** The subnets of some ids, in the order of the ids. */
export async function readSubnets(query: RunQuery, ids: readonly number[]): Promise<SubnetRecord[]> {
  const text = `SELECT ${rolledUpColumns} FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (id, nth)
    JOIN (${rolledUpSource}) ON s.id = wanted.id ORDER BY nth`;
  const rows = await query<Record<string, unknown>>({ name: 'read_subnets', text }, [ids]);
  return rows.map(subnetOf) as unknown as SubnetRecord[];
}

/** The address of an id, as clients see it; 404 where there is none. */
export async function readAddress(query: RunQuery, id: number): Promise<AddressRecord> {
  const text = `SELECT ${addressColumns} FROM address a WHERE a.id = $1`;
  return first(await query<AddressRecord>({ name: 'read_address', text }, [id]), 'address', id);
}

/** The range of an id, as clients see it; 404 where there is none. */
export async function readRange(query: RunQuery, id: number): Promise<RangeRecord> {
  const text = `SELECT ${rangeColumns} FROM ip_range r WHERE r.id = $1`;
  const row = first(await query<Record<string, unknown>>({ name: 'read_range', text }, [id]), 'range', id);
  return rangeOf(row) as unknown as RangeRecord;
}

/** The id of the VRF that a body chose: by id, by name, or `global`; 422 where it names none. */
export async function chosenVrf(
  query: RunQuery,
  choice: { vrfId?: number | undefined; vrf?: string | undefined },
): Promise<number> {
  const { vrfId, vrf } = choice;
  const [row] =
    vrfId === undefined
      ? await query<{ id: number }>({ name: 'vrf_by_name', text: 'SELECT id FROM vrf WHERE name = $1' }, [
          vrf ?? 'global',
        ])
      : await query<{ id: number }>({ name: 'vrf_by_id', text: 'SELECT id FROM vrf WHERE id = $1' }, [vrfId]);
  if (row) return row.id;
  const [path, given] = vrfId === undefined ? ['body.vrf', `"${vrf}"`] : ['body.vrfId', vrfId];
  const message = `There is no VRF ${given}; GET /vrfs lists them.`;
  throw kernelErrors.invalid(message, { errors: [{ path, code: 'not-found', message }] });
}
