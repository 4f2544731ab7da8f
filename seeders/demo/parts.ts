import type { Transact } from '#core';
import type { AllocationApi } from '#plugins/allocation';
import type { CustomFieldService } from '#plugins/customfields';
import type { DevicesApi } from '#plugins/devices';
import type { NotifiersApi } from '#plugins/notifiers';
import type { ScannerApi } from '#plugins/scanner';
import type { siteModel } from '#plugins/sites';
import type { SubnetsApi } from '#plugins/subnets';
import type { TagsApi } from '#plugins/tags';
import type { VlansApi } from '#plugins/vlans';

/** The services that the demo network is made through. */
export interface DemoParts {
  transact: Transact;
  sites: Pick<ReturnType<typeof siteModel.service>, 'create'>;
  vlans: Pick<VlansApi, 'groups' | 'vlans'>;
  devices: Pick<DevicesApi, 'devices' | 'interfaces'>;
  subnets: Pick<SubnetsApi, 'vrfs' | 'subnets' | 'ranges' | 'addresses' | 'assignments'>;
  allocation: Pick<AllocationApi, 'addresses' | 'release' | 'pools'>;
  tags: Pick<TagsApi, 'tags'>;
  customfields: Pick<CustomFieldService, 'create'>;
  scanner: Pick<ScannerApi, 'scans' | 'conflicts' | 'discoveries' | 'policies'>;
  notifiers: Pick<NotifiersApi, 'notifiers'>;
}
