/** How the panel shows pools. */
export const allocationViews = {
  Pool: {
    title: 'name',
    list: ['name', 'members', 'strategy', 'defaultPrefixLength', 'description'],
    show: [
      'name',
      'members',
      'strategy',
      'defaultPrefixLength',
      'description',
      'tags',
      'metadata',
      'createdAt',
      'createdBy',
      'updatedAt',
      'updatedBy',
    ],
    edit: ['name', 'members', 'strategy', 'defaultPrefixLength', 'description', 'tags', 'metadata'],
    filter: ['name', 'strategy', 'description', 'tags'],
    labels: { members: 'Subnets, in order (ids)', defaultPrefixLength: 'Usual prefix to hand out' },
    group: 'Address space',
    icon: 'Archive',
    rest: '/pools',
  },
} as const;
