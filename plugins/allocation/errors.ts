import { type ConstraintTable, defineErrors, kernelErrors } from '#core';

/** What handing out addresses and subnets answers with when it cannot. */
export const allocationErrors = defineErrors({
  addressCoolingDown: {
    code: 'address-cooling-down',
    status: 409,
    title: 'The address is held back for a while',
  },
  addressInRange: {
    code: 'address-in-range',
    status: 409,
    title: 'The range of the address hands nothing out',
  },
  addressQuarantined: {
    code: 'address-quarantined',
    status: 409,
    title: 'The address is in conflict, and is kept until that is resolved',
  },
  addressOutside: { code: 'address-outside', status: 422, title: 'The address does not lie in the subnet' },
  poolTaken: { code: 'pool-taken', status: 409, title: 'There is a pool of this name' },
  strategyUnknown: {
    code: 'strategy-unknown',
    status: 409,
    title: 'The strategy of the policy is not installed',
  },
  addressNotUsable: { code: 'address-not-usable', status: 422, title: 'The address is not one for hosts' },
});

/** What the constraints of our tables mean. */
export const allocationConstraints: ConstraintTable = {
  pool_name_key: {
    problem: allocationErrors.poolTaken,
    say: () => 'A pool of this name exists; choose another name.',
  },
  pool_members_once: { problem: kernelErrors.invalid },
  pool_members_exist: { problem: kernelErrors.invalid },
};
