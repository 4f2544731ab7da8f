import { kernelErrors, type Problem } from '#core';
import { subnetErrors, wireCount } from '#plugins/subnets';
import { allocationErrors } from './errors.ts';
import type { Wish } from './schemas.ts';

/** What the database function says of a wish that it did not grant. */
export interface Refusal {
  problem: string;
  detail: Record<string, unknown>;
}

/** The refusal of one wish, in words: what was wrong and what would be right. */
export function refusalProblem({ problem, detail }: Refusal, wish: Wish): Problem {
  const { address, count = 1 } = wish;
  switch (problem) {
    case 'insufficient-space':
      return subnetErrors.insufficientSpace(
        `${detail.cidr} has ${addresses(detail.free)}, and ${count} ${count === 1 ? 'was' : 'were'} asked for.`,
        { members: { free: detail.free, wanted: count } },
      );
    case 'address-outside':
      return allocationErrors.addressOutside(`${address} does not lie in ${detail.cidr}.`);
    case 'address-not-usable': {
      const what = address?.includes(':') ? 'subnet-router anycast' : 'network or broadcast';
      return allocationErrors.addressNotUsable(
        `${address} is the ${what} address of ${detail.cidr}; set allowNetworkAndBroadcast to use it.`,
      );
    }
    case 'address-in-range': {
      const { start, end, purpose } = detail;
      return allocationErrors.addressInRange(
        `${address} lies in the range ${start} to ${end} (${purpose}), which hands out nothing; register it with POST /addresses, or make the range allocatable.`,
        { members: { range: detail } },
      );
    }
    case 'address-cooling-down': {
      // JSON of PostgreSQL names the zone by its offset; everywhere else we answer with Z.
      const availableAt = String(detail.availableAt).replace('+00:00', 'Z');
      const why = detail.held ? 'answers, and nobody has registered it' : 'was released';
      return allocationErrors.addressCoolingDown(
        `${address} ${why}; it can be handed out again from ${availableAt}.`,
        { members: { availableAt } },
      );
    }
    default:
      return takenProblem(String(address), detail);
  }
}

/** 409 that names the holder of an address, or the child that it lies in. */
export function takenProblem(address: string, holder: Record<string, unknown>): Problem {
  if (holder.justNow) return subnetErrors.addressTaken(`${address} has just gone to another.`);
  if (holder.subnet) {
    return subnetErrors.addressTaken(
      `${address} lies in ${holder.subnet}, a subnet of its own; ask that one.`,
      {
        members: { subnet: holder.subnet },
      },
    );
  }
  const device = holder.deviceId ? `device ${holder.deviceId}` : undefined;
  const by = [holder.hostname, holder.mac, device, holder.description].find((name) => name);
  return subnetErrors.addressTaken(
    `${address} is ${holder.status}${by ? ` to ${by}` : ''} (address ${holder.id}).`,
    {
      members: { holder },
    },
  );
}

/** What stood in the way of a wish that no strategy could grant. */
interface Shortage {
  /** The CIDR of the subnet, or what the several are called. */
  whole: string;
  /** How many subnets there are, where the source is several. */
  subnets: number | undefined;
  free: bigint;
  wanted: number;
  /** The longest run of free addresses, where they were to be adjacent. */
  largestRun: bigint | undefined;
  /** Whether what is free was counted without what the wish excludes. */
  excluding: boolean;
}

function addresses(free: unknown): string {
  return `${free} free address${String(free) === '1' ? '' : 'es'}`;
}

/** 409 that says how much was free, and what was asked for. */
export function shortage({ whole, subnets, free, wanted, largestRun, excluding }: Shortage): Problem {
  const among = subnets === undefined ? '' : ` in ${subnets} subnet${subnets === 1 ? '' : 's'}`;
  const has = `${whole} has ${addresses(free)}${among}${excluding ? ' outside of what is excluded' : ''}`;
  const members = { free: wireCount(free), wanted };
  const lacks =
    largestRun !== undefined && largestRun < BigInt(wanted)
      ? `but no ${wanted} in a row: the longest run has ${largestRun}`
      : free < BigInt(wanted)
        ? `and ${wanted} ${wanted === 1 ? 'was' : 'were'} asked for`
        : `but not the ${wanted} asked for ${subnets === undefined ? 'that the strategy would hand out' : 'in one of them'}`;
  return subnetErrors.insufficientSpace(`${has}, ${lacks}.`, {
    members: largestRun === undefined ? members : { ...members, largestRun: wireCount(largestRun) },
  });
}

/** 404 of a subnet. */
export function noSubnet(subnetId: number): Problem {
  return kernelErrors.notFound(`There is no subnet ${subnetId}.`);
}

/** 409 where a policy names a strategy that no plugin brings any more. */
export function noStrategy(whole: string, unknown: string): Problem {
  return allocationErrors.strategyUnknown(
    `The policy of ${whole} cannot be followed: ${unknown} Change it, or name a strategy in the request.`,
  );
}

/** 404 where the database found no subnet; anything else as it is. */
export function withoutSubnet(fault: unknown, subnetId: number): unknown {
  return (fault as { code?: unknown }).code === 'P0002' ? noSubnet(subnetId) : fault;
}

/** The refusal of a list of wishes: the first fault's problem, with all of them and their places in the list. */
export function firstOf(refusals: readonly { index: number; refused: Problem }[]): Problem {
  const [{ refused: first } = { refused: undefined }] = refusals;
  if (!first) throw new Error('There is no refusal.');
  first.members.refused = refusals.map(({ index, refused }) => ({
    index,
    code: refused.code,
    detail: refused.message,
    ...refused.members,
    refused: undefined,
  }));
  return first;
}
