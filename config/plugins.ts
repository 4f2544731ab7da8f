import { allocation } from '#plugins/allocation';
import { audit, type Verdict } from '#plugins/audit';
import { delegation } from '#plugins/delegation';
import { sites } from '#plugins/sites';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { vlans } from '#plugins/vlans';

/** The built-in plugins; one line each, and taking the line away takes the feature away. */
export const builtInPlugins = [users, sites, vlans, subnets, delegation, allocation, audit] as const;

// The seeders, the command line and the tests of the whole work through these.
export { allocation, audit, delegation, subnets, users, type Verdict };
