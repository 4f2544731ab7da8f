import { defineErrors } from '#core';

/** What handing out addresses and subnets answers with when it cannot. */
export const allocationErrors = defineErrors({
  addressCoolingDown: {
    code: 'address-cooling-down',
    status: 409,
    title: 'The address was released a short while ago',
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
  strategyUnknown: {
    code: 'strategy-unknown',
    status: 409,
    title: 'The strategy of the policy is not installed',
  },
  addressNotUsable: { code: 'address-not-usable', status: 422, title: 'The address is not one for hosts' },
});
