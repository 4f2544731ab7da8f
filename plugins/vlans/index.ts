import { definePlugin } from '#core';
import { sites } from '#plugins/sites';
import { vlanConstraints, vlanErrors } from './errors.ts';
import { vlanEvents } from './events.ts';
import { vlanGroups, vlanModel } from './models.ts';
import { vlanRoutes } from './routes.ts';
import { createVlansApi } from './service.ts';

export { vlanErrors } from './errors.ts';
export { vlanModel } from './models.ts';
export {
  chosenVlan,
  oneVlan,
  oneVlanMessage,
  type VlanReference,
  vlanChoice,
  vlanFilters,
  vlanInclude,
  vlanReference,
} from './references.ts';
export type { VlansApi } from './service.ts';

/** VLANs in groups, and the VIDs that are free. */
export const vlans = definePlugin({
  name: 'vlans',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Keeps VLANs in groups, and hands out their VIDs.',
  requires: [sites],
  models: { VlanGroup: vlanGroups.model, Vlan: vlanModel.model },
  migrations: new URL('../../migrations/vlans/', import.meta.url),
  permissions: {
    'vlans:read': {
      label: 'See VLANs and their groups',
      roles: ['admin', 'engineer', 'auditor', 'viewer'],
    },
    'vlans:write': {
      label: 'Create, hand out, change and delete VLANs and their groups',
      roles: ['admin', 'engineer'],
    },
  },
  events: vlanEvents,
  errors: vlanErrors,
  constraints: { ...vlanGroups.constraints, ...vlanModel.constraints, ...vlanConstraints },
  admin: { VlanGroup: vlanGroups.view, Vlan: vlanModel.view },
  setup: createVlansApi,
  routes: vlanRoutes,
});
