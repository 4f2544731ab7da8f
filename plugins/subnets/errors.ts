import { type ConstraintTable, defineErrors, kernelErrors } from '#core';
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
  addressHeld: { code: 'address-held', status: 409, title: 'The address has a holder' },
  addressShared: {
    code: 'address-shared',
    status: 409,
    title: 'Only a vip or anycast address has further holders',
  },
  addressFree: { code: 'address-free', status: 409, title: 'Nobody holds an address that is free' },
  primaryTaken: {
    code: 'primary-taken',
    status: 409,
    title: 'The device has a primary address of this family',
  },
  rangeOverlaps: { code: 'range-overlaps', status: 409, title: 'The range overlaps another' },
  rangeNeedsSubnet: { code: 'range-needs-subnet', status: 409, title: 'The range lies within no subnet' },
  addressNeedsSubnet: { code: 'address-needs-subnet', status: 409, title: 'The address lies in no subnet' },
});

/** The second parts of the keys in the detail of a violated constraint, whatever its language: `Key (vrf_id, cidr)=(1, 10.0.0.0/8) …`. */
function keysIn(detail = ''): string[] {
  return [...detail.matchAll(/=\(\d+, ([^)]+)\)/g)].map(([, key]) => String(key));
}

/** A foreign key to a holder, which speaks in both directions. */
function bound(what: string): ConstraintTable[string] {
  return {
    problem: kernelErrors.conflict,
    say: ({ detail }) =>
      detail?.includes('is not present')
        ? `There is no such ${what} any more.`
        : `The ${what} holds addresses; give them another holder, or none, first.`,
  };
}
const deviceBound = bound('device');
const interfaceBound = bound('interface');

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
  address_device_fkey: deviceBound,
  address_assignment_device_fkey: deviceBound,
  address_interface_fkey: interfaceBound,
  address_assignment_interface_fkey: interfaceBound,
  address_assignment_address_fkey: {
    problem: kernelErrors.conflict,
    say: () => 'The address has just been deleted.',
  },
  address_interface_check: {
    problem: kernelErrors.invalid,
    say: () => 'An interface is one of a device; name that, too.',
  },
  address_free_check: {
    problem: subnetErrors.addressFree,
    say: () => 'An address that is free has no device; hand it out, or register it, first.',
  },
  address_primary_key: {
    problem: subnetErrors.primaryTaken,
    say: () => 'The device has a primary address of this family already; give one of the two another role.',
  },
  address_assignment_key: {
    problem: subnetErrors.addressHeld,
    say: () => 'The device is one of the holders of this address already.',
  },
  address_is_shared: { problem: subnetErrors.addressShared },
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
