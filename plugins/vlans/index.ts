import { definePlugin } from '#core';
import { vlanConstraints, vlanErrors } from './errors.ts';

export {
  chosenVlan,
  oneVlan,
  oneVlanMessage,
  type VlanReference,
  vlanChoice,
  vlanFilters,
  vlanInclude,
  vlanReference,
  vlanReferenceSql,
} from './references.ts';

/** VLANs in groups, and the VIDs that are free. */
export const vlans = definePlugin({
  name: 'vlans',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Keeps VLANs in groups, and hands out their VIDs.',
  migrations: new URL('../../migrations/vlans/', import.meta.url),
  errors: vlanErrors,
  constraints: vlanConstraints,
  setup: () => undefined,
});
