import { type ConstraintTable, defineErrors, kernelErrors } from '#core';

/** What VLANs and their groups answer with when a rule of theirs is against it. */
export const vlanErrors = defineErrors({
  vlanGroupTaken: { code: 'vlan-group-taken', status: 409, title: 'There is a VLAN group of this name' },
  vlanGroupInUse: { code: 'vlan-group-in-use', status: 409, title: 'VLANs lie in the group' },
  vlanGroupDefault: { code: 'vlan-group-default', status: 409, title: 'The VLAN group default stays' },
  vidRangesInUse: { code: 'vid-ranges-in-use', status: 409, title: 'VLANs would lie outside of the ranges' },
  vlanTaken: { code: 'vlan-taken', status: 409, title: 'The group has a VLAN with this VID' },
  vlanInUse: { code: 'vlan-in-use', status: 409, title: 'Something uses the VLAN' },
  vidOutsideGroup: { code: 'vid-outside-group', status: 409, title: 'The VID is none of the group' },
  vidsExhausted: { code: 'vids-exhausted', status: 409, title: 'The group has too few free VIDs' },
});

/** What those constraints of our tables mean that do not follow from the models. */
export const vlanConstraints: ConstraintTable = {
  vlan_group_default_stays: { problem: vlanErrors.vlanGroupDefault },
  vlan_group_vid_ranges_check: {
    problem: kernelErrors.invalid,
    say: () => 'VIDs are 1 to 4094, and a group has at least one.',
  },
  vlan_group_ranges_hold: {
    problem: vlanErrors.vidRangesInUse,
    say: ({ message }) => `${message}; delete them or give them to another group first.`,
  },
  vlan_vid_key: {
    problem: vlanErrors.vlanTaken,
    say: ({ detail }) =>
      `VLAN ${/, (\d+)\)/.exec(detail ?? '')?.[1] ?? 'of this VID'} exists in the group already.`,
  },
  vlan_vid_in_group: { problem: vlanErrors.vidOutsideGroup },
};
