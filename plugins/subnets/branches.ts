import type { Branch } from '#core';

/** A block of a VRF with all that lies in it, as something to give a role on; the function `in_branches` reads its key. */
export function branchOf({ vrfId, vrf, cidr }: { vrfId: number; vrf: string; cidr: string }): Branch {
  return { label: `${cidr} in VRF ${vrf}`, key: { vrfId, cidr } };
}
