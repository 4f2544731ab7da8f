import { defineErrors } from '#core';

/** What handing out addresses and subnets answers with when it cannot. */
export const allocationErrors = defineErrors({
  insufficientSpace: { code: 'insufficient-space', status: 409, title: 'There is not enough free space' },
  addressCoolingDown: {
    code: 'address-cooling-down',
    status: 409,
    title: 'The address was released a short while ago',
  },
  addressOutside: { code: 'address-outside', status: 422, title: 'The address does not lie in the subnet' },
  strategyUnknown: {
    code: 'strategy-unknown',
    status: 409,
    title: 'The strategy of the policy is not installed',
  },
  addressNotUsable: { code: 'address-not-usable', status: 422, title: 'The address is not one for hosts' },
});
