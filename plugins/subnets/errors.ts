import { type ConstraintTable, defineErrors } from '#core';
import { vlanErrors } from '#plugins/vlans';

/** What the rules of the address space answer with. */
export const subnetErrors = defineErrors({
  vrfTaken: { code: 'vrf-taken', status: 409, title: 'There is a VRF of this name or route distinguisher' },
  vrfInUse: { code: 'vrf-in-use', status: 409, title: 'The VRF holds subnets' },
  vrfGlobal: { code: 'vrf-global', status: 409, title: 'The VRF global stays' },
  subnetTaken: { code: 'subnet-taken', status: 409, title: 'The VRF has this subnet already' },
  subnetNotEmpty: { code: 'subnet-not-empty', status: 409, title: 'The subnet holds something' },
  noParent: { code: 'no-parent', status: 409, title: 'There is no subnet above to take it over' },
  insufficientSpace: { code: 'insufficient-space', status: 409, title: 'There is not enough free space' },
  subnetInTheWay: {
    code: 'subnet-in-the-way',
    status: 409,
    title: 'A larger subnet would hold some of the parts',
  },
  notMergeable: { code: 'not-mergeable', status: 409, title: 'The subnets are not one block' },
  resizeLoses: { code: 'resize-loses', status: 409, title: 'Something would lie outside' },
  targetNotEmpty: { code: 'target-not-empty', status: 409, title: 'The block is not empty' },
  blockStays: { code: 'block-stays', status: 409, title: 'What identifies a record cannot be changed' },
  addressTaken: { code: 'address-taken', status: 409, title: 'The address is taken' },
  addressIsGateway: {
    code: 'address-is-gateway',
    status: 409,
    title: 'The address is the gateway of a subnet',
  },
  rangeOverlaps: { code: 'range-overlaps', status: 409, title: 'The range overlaps another' },
  rangeNeedsSubnet: { code: 'range-needs-subnet', status: 409, title: 'The range lies within no subnet' },
  addressNeedsSubnet: { code: 'address-needs-subnet', status: 409, title: 'The address lies in no subnet' },
});

/** The second parts of the keys in the detail of a violated constraint, whatever its language: `Key (vrf_id, cidr)=(1, 10.0.0.0/8) …`. */
function keysIn(detail = ''): string[] {
  return [...detail.matchAll(/=\(\d+, ([^)]+)\)/g)].map(([, key]) => String(key));
}

/** What the constraints of our tables mean. */
export const subnetConstraints: ConstraintTable = {
  vrf_name_key: {
    problem: subnetErrors.vrfTaken,
    say: () => 'A VRF of this name exists; choose another name.',
  },
  vrf_rd_key: { problem: subnetErrors.vrfTaken, say: () => 'A VRF with this route distinguisher exists.' },
  vrf_global_stays: { problem: subnetErrors.vrfGlobal },
  subnet_vrf_fkey: {
    problem: subnetErrors.vrfInUse,
    // The constraint speaks in both directions.
    say: ({ detail }) =>
      detail?.includes('is not present')
        ? 'The VRF has just been deleted.'
        : 'Subnets lie in this VRF; delete them first.',
  },
  subnet_cidr_key: {
    problem: subnetErrors.subnetTaken,
    say: ({ detail }) => `${keysIn(detail)[0] ?? 'This subnet'} exists in the VRF already.`,
  },
  subnet_vlan_fkey: {
    problem: vlanErrors.vlanInUse,
    // The constraint speaks in both directions, and a trigger in its name that counts them.
    say: ({ message, detail }) => {
      if (detail?.includes('is not present')) return 'The VLAN has just been deleted.';
      return detail === undefined ? message : 'Subnets use this VLAN; give them another first.';
    },
  },
  subnet_block_stays: { problem: subnetErrors.blockStays },
  renumber_needs_room: { problem: subnetErrors.targetNotEmpty },
  address_key: {
    problem: subnetErrors.addressTaken,
    say: ({ detail }) => `${keysIn(detail)[0] ?? 'This address'} exists in the VRF already.`,
  },
  address_stays: { problem: subnetErrors.blockStays },
  address_is_gateway: { problem: subnetErrors.addressIsGateway },
  ip_range_overlap: {
    problem: subnetErrors.rangeOverlaps,
    say: ({ detail }) => {
      const [start, end] = keysIn(detail).at(-1)?.slice(1, -1).split(',') ?? [];
      const other = end ? `The range ${start} to ${end}` : 'A range of this VRF';
      return `${other} has some of these addresses already; ranges do not overlap.`;
    },
  },
  range_needs_subnet: { problem: subnetErrors.rangeNeedsSubnet },
  range_vrf_stays: { problem: subnetErrors.blockStays },
  address_needs_subnet: { problem: subnetErrors.addressNeedsSubnet },
};
