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
    const size = 1n << BigInt(bitsOf(space.family) - prefixLength);
    for (let most = 1; ; most *= 16) {
      const gaps = await space.largest({ most, roomFor: prefixLength });
      for (const gap of gaps) {
        if (sizeOf(gap) === sizeOf(space.block)) return gap.first;
        // A gap that a range has cut may be too small, though the span it is of is not.
        const found = alignedMiddle(gap, size);
        if (found !== undefined) return found;
      }
      if (gaps.length < most) return undefined;
    }
  },
};

/** What comes with Cadastre. */
export const builtInSubnetStrategies: readonly SubnetStrategy[] = [first, bestFit, sparse];
