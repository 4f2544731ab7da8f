import { allocation } from '#plugins/allocation';
import { audit, type Verdict } from '#plugins/audit';
import { customfields } from '#plugins/customfields';
import { delegation } from '#plugins/delegation';
import { devices } from '#plugins/devices';
import { notifiers } from '#plugins/notifiers';
import { scanner } from '#plugins/scanner';
import { search } from '#plugins/search';
import { sites } from '#plugins/sites';
import { subnets } from '#plugins/subnets';
import { tags } from '#plugins/tags';
import { users } from '#plugins/users';
import { vlans } from '#plugins/vlans';

/** The built-in plugins; one line each, and taking the line away takes the feature away. */
export const builtInPlugins = [
  users,
  sites,
  vlans,
  devices,
  subnets,
  delegation,
  allocation,
  tags,
  customfields,
  search,
  notifiers,
  scanner,
  audit,
] as const;

// The seeders, the command line and the tests of the whole work through these.
export {
  allocation,
  audit,
  customfields,
  delegation,
  devices,
  notifiers,
  scanner,
  sites,
  subnets,
  tags,
  users,
  type Verdict,
  vlans,
};
