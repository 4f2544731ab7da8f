import { type ExtensionPoint, extensionPoint, type FieldError } from '#core';
import type { PolicyCheck } from '#plugins/subnets';
import type { BlockSpace, FreeSpace } from './free-space.ts';

interface Named {
  /** What requests and policies call it: lower case letters, digits and dashes. */
  readonly name: string;
  /** One sentence: what it picks. */
  readonly summary: string;
}

/** A way to choose addresses. */
export interface AddressStrategy extends Named {
  /**
   * Picks `count` free addresses, adjacent ones where `contiguous`; undefined where it finds no room. What it picks is checked,
   * and handed out in the order given.
   */
  pick(
    space: FreeSpace,
    wish: { count: number; contiguous: boolean },
  ): Promise<readonly bigint[] | undefined>;
}

/** A way to choose blocks for subnets. */
export interface SubnetStrategy extends Named {
  /** Picks one free aligned block of a length by its first address; undefined where it finds no room. Asked anew for each of several. */
  pick(space: BlockSpace, wish: { prefixLength: number }): Promise<bigint | undefined>;
}

/** The strategies for addresses: built-in ones, and those of plugins. Of two with one name the first stays. */
export const allocationStrategies: ExtensionPoint<AddressStrategy> =
  extensionPoint<AddressStrategy>('allocationStrategies');

/** The strategies for subnets. */
export const subnetStrategies: ExtensionPoint<SubnetStrategy> =
  extensionPoint<SubnetStrategy>('subnetStrategies');

/** Strategies by name. */
export interface Catalogue<S extends Named> {
  find(name: string): S | undefined;
  has(name: string): boolean;
  names(): string[];
  /** A sentence for who named one that is not there. */
  unknown(name: string): string;
}

/** Looks strategies of one kind up; `all` is asked each time, since plugins bring theirs after us. */
export function catalogue<S extends Named>(kind: string, all: () => readonly S[]): Catalogue<S> {
  const find = (name: string) => all().find((each) => each.name === name);
  const names = () => [...new Set(all().map(({ name }) => name))];
  return {
    find,
    has: (name) => find(name) !== undefined,
    names,
    unknown: (name) => `"${name}" is no strategy for ${kind}; known are ${names().join(', ')}.`,
  };
}

/** Both kinds. */
export interface Strategies {
  addresses: Catalogue<AddressStrategy>;
  subnets: Catalogue<SubnetStrategy>;
}

/** Makes sure that the policy of a subnet names strategies that are there. */
export function policyCheck({ addresses, subnets }: Strategies): PolicyCheck {
  const fault = (field: string, kind: Catalogue<Named>, name: string | null | undefined): FieldError[] =>
    !name || kind.has(name)
      ? []
      : [{ path: `body.${field}`, code: 'unknown-strategy', message: kind.unknown(name) }];
  return ({ strategy, childStrategy }) => [
    ...fault('strategy', addresses, strategy),
    ...fault('childStrategy', subnets, childStrategy),
  ];
}
