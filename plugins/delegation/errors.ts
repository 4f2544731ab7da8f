import { type ConstraintTable, defineErrors, kernelErrors } from '#core';

/** What this plugin may answer besides the kernel's own errors. */
export const delegationErrors = defineErrors({
  grantTaken: { code: 'grant-taken', status: 409, title: 'The user has this role on the branch already' },
});

/** What the constraints of the grants mean to a person. */
export const delegationConstraints: ConstraintTable = {
  branch_grant_key: {
    problem: delegationErrors.grantTaken,
    say: () => 'The user has this role on this branch already.',
  },
  branch_grant_user_fkey: { problem: kernelErrors.conflict, say: () => 'The user has just been deleted.' },
  branch_grant_vrf_fkey: { problem: kernelErrors.conflict, say: () => 'The VRF has just been deleted.' },
};
