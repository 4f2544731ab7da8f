import { bitsOf } from '#plugins/subnets';
import { alignedMiddle, sizeOf } from './domain/runs.ts';
import type { SubnetStrategy } from './strategies.ts';

const first: SubnetStrategy = {
  name: 'first',
  summary: 'The lowest aligned free block.',
  pick: (space, { prefixLength }) => space.findBlock('first', prefixLength),
};

const bestFit: SubnetStrategy = {
  name: 'best-fit',
  summary: 'The lowest aligned block of the smallest free run that has room, so that large runs stay whole.',
  pick: (space, { prefixLength }) => space.findBlock('best-fit', prefixLength),
};

const sparse: SubnetStrategy = {
  name: 'sparse',
  summary:
    'The start where nothing is taken, then the middle of the largest free run (in the spirit of RFC 3531).',
  async pick(space, { prefixLength }) {
    const [gap] = await space.largest({ roomFor: prefixLength });
    if (!gap) return undefined;
    if (sizeOf(gap) === sizeOf(space.block)) return gap.first;
    return alignedMiddle(gap, 1n << BigInt(bitsOf(space.family) - prefixLength));
  },
};

/** What comes with Cadastre. */
export const builtInSubnetStrategies: readonly SubnetStrategy[] = [first, bestFit, sparse];
