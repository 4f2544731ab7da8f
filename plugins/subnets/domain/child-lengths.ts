import { bitsOf } from './address.ts';
import { type Block, formatBlock } from './block.ts';

/** The prefix lengths that a subnet's policy allows and proposes for what is handed out of it. */
export interface ChildLengths {
  minChildPrefixLength?: number | null | undefined;
  maxChildPrefixLength?: number | null | undefined;
  defaultChildPrefixLength?: number | null | undefined;
}

/** What is wrong with a policy: the fields that it is about, the one to change first, and a sentence. */
export interface PolicyFault {
  fields: (keyof ChildLengths)[];
  code: 'not-inside' | 'wrong-order';
  message: string;
}

/** Pairs of which the first may not be longer than the second. */
const ordered = [
  ['minChildPrefixLength', 'maxChildPrefixLength'],
  ['minChildPrefixLength', 'defaultChildPrefixLength'],
  ['defaultChildPrefixLength', 'maxChildPrefixLength'],
] as const;

/** All that is wrong with the lengths of a block's children: each inside the block, and minimum ≤ default ≤ maximum. */
export function childLengthFaults(block: Block, lengths: ChildLengths): PolicyFault[] {
  const most = bitsOf(block.family);
  const cidr = formatBlock(block);
  const right =
    block.length === most ? 'nothing fits into it' : `a part of it is a /${block.length + 1} to a /${most}`;
  const given = (field: keyof ChildLengths): number | undefined => lengths[field] ?? undefined;
  const outside = (Object.keys(lengths) as (keyof ChildLengths)[]).flatMap((field): PolicyFault[] => {
    const length = given(field);
    if (length === undefined || (length > block.length && length <= most)) return [];
    return [
      { fields: [field], code: 'not-inside', message: `A /${length} is not a part of ${cidr}: ${right}.` },
    ];
  });
  if (outside.length > 0) return outside;
  return ordered.flatMap(([low, high]): PolicyFault[] => {
    const [least, greatest] = [given(low), given(high)];
    if (least === undefined || greatest === undefined || least <= greatest) return [];
    return [
      {
        fields: [high, low],
        code: 'wrong-order',
        message: `${low} is /${least}, longer than ${high}, which is /${greatest}.`,
      },
    ];
  });
}
