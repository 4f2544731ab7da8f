import { type ExtensionPoint, extensionPoint, type FieldError, invalidRequest } from '#core';
import { readBlock } from './domain/block.ts';
import { type ChildLengths, childLengthFaults } from './domain/child-lengths.ts';

/** How a subnet hands out addresses and subnets. */
export interface Policy extends ChildLengths {
  strategy?: string | null | undefined;
  childStrategy?: string | null | undefined;
}

/** Says what is wrong with the strategies of a policy; for plugins that know which ones there are. */
export type PolicyCheck = (policy: Policy) => FieldError[];

/** Who has a say in what a policy may be. */
export const policyChecks: ExtensionPoint<PolicyCheck> = extensionPoint<PolicyCheck>('policyChecks');

/** 422 with all that is wrong with the policy that a subnet would have after a body is applied to it. */
export function demandPolicy(
  checks: readonly PolicyCheck[],
  cidr: string,
  current: Policy,
  body: Policy,
): void {
  const block = readBlock(cidr);
  if (!block.ok) throw new Error(block.why);
  const after = (field: keyof ChildLengths) => (body[field] === undefined ? current[field] : body[field]);
  const lengths: ChildLengths = {
    minChildPrefixLength: after('minChildPrefixLength'),
    maxChildPrefixLength: after('maxChildPrefixLength'),
    defaultChildPrefixLength: after('defaultChildPrefixLength'),
  };
  const errors = childLengthFaults(block.value, lengths).map(({ fields, code, message }): FieldError => {
    // What was there before is not what the client got wrong.
    const field = fields.find((each) => body[each] !== undefined) ?? fields[0];
    return { path: `body.${field}`, code, message };
  });
  errors.push(...checks.flatMap((check) => check(body)));
  if (errors.length > 0) throw invalidRequest(errors);
}
