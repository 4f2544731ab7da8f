import { DataTypes } from 'sequelize';
import { z } from 'zod';
import { type Filter, field, referenceFilters, resource } from '#core';
import { siteModel } from '#plugins/sites';
import { vlanErrors } from './errors.ts';

const vlanStatuses = ['active', 'reserved', 'deprecated'] as const;

/** The lowest and the highest VID of IEEE 802.1Q. */
const [lowestVid, highestVid] = [1, 4094] as const;
const vidField = z.int().min(lowestVid).max(highestVid);

/** VIDs from one to another, both of them in it. */
const vidRange = z.object({ start: z.int(), end: z.int() });
const vidRangesBody = z
  .array(
    z.strictObject({ start: vidField, end: vidField }).refine(({ start, end }) => start <= end, {
      message: 'A range runs from its start upwards',
      path: ['end'],
    }),
  )
  .min(1)
  .max(highestVid);

const permissions = { read: 'vlans:read', write: 'vlans:write' } as const;

/** Of groups that have a VID in their ranges, any of several. */
const vid: Filter = {
  schema: z
    .union([vidText(), z.array(vidText()).max(100)])
    .meta({ description: 'A VID that the ranges of the group have.' }),
  condition: (values, bindings) =>
    `vids_in(r.vid_ranges) && (SELECT range_agg(int4range(vid, vid, '[]')) FROM unnest(${bindings.bind(values, 'int[]')}) vid)`,
};

function vidText() {
  return z.string().regex(/^\d{1,4}$/, 'A VID is 1 to 4094');
}

/** Groups of VLANs: within one, a VID means one VLAN. */
export const vlanGroups = resource({
  entity: 'vlan-group',
  table: 'vlan_group',
  path: '/vlan-groups',
  tag: 'VLANs',
  nouns: ['VLAN group', 'VLAN groups'],
  key: ['name'],
  permissions,
  fields: {
    name: field.text(),
    siteId: field.reference(siteModel, { nullable: true }),
    vidRanges: field.custom(
      {
        schema: z.array(vidRange),
        body: vidRangesBody,
        column: { type: DataTypes.JSONB },
        write: JSON.stringify,
      },
      {
        default: [{ start: lowestVid, end: highestVid }],
        description: 'The VIDs that its VLANs may have; kept ascending and apart from each other.',
      },
    ),
  },
  defaultSort: 'name',
  example: { name: 'Oslo access', vidRanges: [{ start: 100, end: 199 }], site: 'Oslo' },
  errors: { taken: vlanErrors.vlanGroupTaken, inUse: vlanErrors.vlanGroupInUse },
  filters: { vid },
  search: { title: 'name', context: ['siteId'], text: ['name'], notes: ['description'], tags: true },
  panel: {
    list: ['name', 'vidRanges', 'siteId', 'description'],
    filter: ['name', 'vidRanges', 'siteId', 'tags', 'updatedAt'],
    labels: { siteId: 'Site', vidRanges: 'VIDs' },
    runs: ['vidRanges'],
    icon: 'Folder',
  },
});

/** VLANs: a VID of a group, with a name. */
export const vlanModel = resource({
  entity: 'vlan',
  table: 'vlan',
  path: '/vlans',
  tag: 'VLANs',
  nouns: ['VLAN', 'VLANs'],
  key: ['groupId', 'vid'],
  permissions,
  fields: {
    groupId: field.reference(vlanGroups, { optional: true, description: 'Left out: the group default.' }),
    vid: field.integer({ min: lowestVid, max: highestVid }),
    name: field.text({ optional: true, description: 'Left out, VLAN and four digits: VLAN0042.' }),
    status: field.choice(vlanStatuses, { default: 'active' }),
    role: field.text({ nullable: true, max: 100 }),
  },
  defaultSort: 'vid',
  example: { group: 'Oslo access', vid: 120, name: 'Office', role: 'clients' },
  mention: ['groupId', 'vid', 'name', 'status'],
  errors: { taken: vlanErrors.vlanTaken, inUse: vlanErrors.vlanInUse },
  // A VLAN stands where its group does.
  filters: referenceFilters(
    'site',
    '(SELECT g.site_id FROM vlan_group g WHERE g.id = r.group_id)',
    'site',
    'name',
  ),
  search: {
    title: 'name',
    context: ['vid', 'groupId'],
    number: ['vid'],
    text: ['name'],
    notes: ['description', 'role'],
    tags: true,
  },
  panel: {
    title: 'name',
    beside: ['groupId', 'vid'],
    list: ['vid', 'name', 'groupId', 'status', 'role', 'description'],
    filter: ['vid', 'name', 'groupId', 'status', 'role', 'tags', 'updatedAt'],
    labels: { groupId: 'Group' },
    icon: 'GitMerge',
  },
});
