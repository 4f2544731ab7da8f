import { z } from 'zod';
import { type Filter, field, resource } from '#core';
import { siteErrors } from './errors.ts';

/** Of a branch of sites: a site, by id or by name, and all that lie in it, at any depth. */
const within: Filter = {
  schema: z.string().min(1).max(200).meta({ description: 'The site of this id or name, and all in it.' }),
  condition: ([site], bindings) => {
    const isId = /^\d{1,15}$/.test(String(site));
    const root = `${isId ? 'id' : 'name'} = ${bindings.bind(site, isId ? 'bigint' : 'text')}`;
    return `r.id IN (WITH RECURSIVE branch (id) AS (SELECT id FROM site WHERE ${root}
      UNION SELECT s.id FROM site s JOIN branch ON s.parent_id = branch.id) SELECT id FROM branch)`;
  },
};

/** A place where things stand, perhaps within another. */
export const sites = resource({
  entity: 'site',
  table: 'site',
  path: '/sites',
  tag: 'Sites',
  key: ['name'],
  permissions: { read: 'sites:read', write: 'sites:write' },
  fields: {
    name: field.text(),
    status: field.choice(['planned', 'active', 'retired'], { default: 'active' }),
    parentId: field.reference('self', { nullable: true, description: 'The site in which it lies.' }),
    facility: field.text({ nullable: true, description: 'What the operator of the building calls it.' }),
    address: field.text({ nullable: true, max: 500 }),
    latitude: field.number({ nullable: true, min: -90, max: 90, description: 'Degrees, WGS 84.' }),
    longitude: field.number({ nullable: true, min: -180, max: 180, description: 'Degrees, WGS 84.' }),
  },
  defaultSort: 'name',
  example: { name: 'Oslo', status: 'active', facility: 'OSL1', latitude: 59.91, longitude: 10.75 },
  errors: { taken: siteErrors.siteTaken, inUse: siteErrors.siteInUse },
  filters: { within },
  search: { title: 'name', text: ['name', 'facility'], notes: ['description', 'address'], tags: true },
  panel: { group: 'Inventory', icon: 'MapPin' },
});
