import { z } from 'zod';
import {
  type Filter,
  type Include,
  includeById,
  integerFilters,
  invalidRequest,
  named,
  type RunQuery,
} from '#core';

/** What names a VLAN where another record mentions it. */
export const vlanReference = z
  .object({
    id: z.int(),
    groupId: z.int(),
    group: z.string(),
    vid: z.int(),
    name: z.string(),
    status: z.string(),
  })
  .meta({ id: 'VlanReference' });
export type VlanReference = z.input<typeof vlanReference>;

const referenceColumns = 'v.id, g.id AS "groupId", g.name AS "group", v.vid, v.name, v.status';
const source = 'vlan v JOIN vlan_group g ON g.id = v.group_id';

/** `include=vlan` of a list whose records have a `vlanId`. */
export const vlanInclude: Include = includeById(
  'vlanId',
  vlanReference.nullable(),
  named('vlan_references', `SELECT ${referenceColumns} FROM ${source} WHERE v.id = ANY ($1::bigint[])`),
);

/** A VLAN in a query: its id, or its group's name and its VID. */
const vlanText = z
  .string()
  .max(210)
  .regex(/^(\d{1,15}|.+\/\d{1,4})$/s, 'A VLAN is named by its group and its VID, default/100, or by its id')
  .meta({ description: '`group/vid`, or an id.' });

/** The group and the VID of a text that is no id; the name of a group may have slashes of its own. */
function readName(text: string): { group: string; vid: number } | undefined {
  const slash = text.lastIndexOf('/');
  return slash < 0 ? undefined : { group: text.slice(0, slash), vid: Number(text.slice(slash + 1)) };
}

/** `vlan` by id or `group/vid`, `vlanId`, `__empty` of both, and `vid` in any group, over a column that refers to a VLAN. */
export function vlanFilters(sql: string): Record<string, Filter> {
  const ofId = integerFilters('vlanId', sql);
  const ofVid = integerFilters('vid', 'v.vid').vid as Filter;
  return {
    ...ofId,
    vlan: {
      schema: z.union([vlanText, z.array(vlanText).max(100)]),
      condition(values, bindings) {
        const each = values.map((value) => {
          const name = readName(String(value));
          if (!name) return `${sql} = ${bindings.bind(value, 'bigint')}`;
          const [group, vid] = [bindings.bind(name.group, 'text'), bindings.bind(name.vid, 'int')];
          return `${sql} = (SELECT v.id FROM ${source} WHERE g.name = ${group} AND v.vid = ${vid})`;
        });
        return `(${each.join(' OR ')})`;
      },
    },
    vid: {
      schema: ofVid.schema,
      condition: (values, bindings) =>
        `${sql} IN (SELECT v.id FROM vlan v WHERE ${ofVid.condition(values, bindings)})`,
    },
    vlan__empty: ofId.vlanId__empty as Filter,
  };
}

/** A VLAN in a body, where digits alone are no id: who writes 100 means the VID. */
const vlanName = z
  .string()
  .max(210)
  .regex(/^.+\/\d{1,4}$/s, 'A VLAN is named by its group and its VID, default/100; its id goes into vlanId')
  .meta({ description: '`group/vid`.' });

/** `vlanId`, or `vlan` as `group/vid`; null takes the VLAN away. */
export const vlanChoice = { vlanId: z.int().positive().nullish(), vlan: vlanName.nullish() };

interface VlanChoice {
  vlanId?: number | null | undefined;
  vlan?: string | null | undefined;
}

/** For `refine`: one of the two at most. */
export const oneVlan = ({ vlanId, vlan }: VlanChoice) => vlanId === undefined || vlan === undefined;
export const oneVlanMessage = { message: 'Give vlanId or vlan, not both', path: ['vlan'] };

const vlanById = named('vlan_by_id', 'SELECT id FROM vlan WHERE id = $1');
const vlanByName = named('vlan_by_name', `SELECT v.id FROM ${source} WHERE g.name = $1 AND v.vid = $2`);

/** The id of the VLAN that a body chose, null where it chose none, undefined where it says nothing; 422 where there is none such. */
export async function chosenVlan(
  query: RunQuery,
  { vlanId, vlan }: VlanChoice,
): Promise<number | null | undefined> {
  const chosen = vlanId === undefined ? vlan : vlanId;
  if (chosen === undefined || chosen === null) return chosen;
  const name = readName(String(chosen));
  const [row] = name
    ? await query<{ id: number }>(vlanByName, [name.group, name.vid])
    : await query<{ id: number }>(vlanById, [chosen]);
  if (row) return row.id;
  const message = `There is no VLAN ${chosen}; GET /vlans lists them.`;
  throw invalidRequest([
    { path: vlanId === undefined ? 'body.vlan' : 'body.vlanId', code: 'not-found', message },
  ]);
}
