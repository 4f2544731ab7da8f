import {
  type Caller,
  invalidRequest,
  kernelErrors,
  type Page,
  type PluginContext,
  type RunQuery,
  type Statement,
  type Tx,
} from '#core';
import { bitsOf, formatIp, readAnyIp } from './domain/address.ts';
import { type Block, blocksOfLength, formatBlock, lastOf, maximalBlocks, type Span } from './domain/block.ts';
import { decodeIpCursor, encodeIpCursor } from './ip-cursor.ts';
import { wireCount } from './listings.ts';
import {
  forgetHolds,
  freeSpans,
  holdAddresses,
  lockUsage,
  roomySpans,
  roomySpansBetweenRanges,
  spaceOf,
} from './queries.ts';

type Context = Pick<PluginContext<unknown, unknown, unknown, []>, 'db' | 'transact'>;

/** A run of free addresses as clients see it. */
export interface FreeSpan {
  start: string;
  end: string;
  size: number | string;
}

/** What must be known of a subnet before its spans are read. */
interface Space {
  family: 4 | 6;
  hasRanges: boolean;
}

interface Paging {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** What a subnet has left. */
export interface SpaceService {
  /** Locks subnets' space, in the one order that everybody keeps to, before anything of theirs is written. */
  lock(tx: Tx, subnetIds: readonly number[]): Promise<void>;
  /** Holds addresses of a VRF, whether they have rows or not, back from being handed out until a moment; null: no longer. */
  hold(tx: Tx, vrfId: number, addresses: readonly string[], until: Date | null): Promise<void>;
  /** Forgets the holds that are over. */
  forgetHolds(): Promise<void>;
  /** Free spans, lowest first; network and broadcast address are among them, since a child may need them. */
  freeSpans(caller: Caller, subnetId: number, paging: Paging): Promise<Page<FreeSpan>>;
  /** The largest aligned free blocks, lowest first, or all those of one prefix length. */
  freeBlocks(
    caller: Caller,
    subnetId: number,
    paging: Paging & { prefixLength?: number | undefined },
  ): Promise<Page<string>>;
}

const spansAtOnce = 200;

function value(text: string): { family: 4 | 6; value: bigint } {
  const ip = readAnyIp(text);
  if (!ip.ok) throw new Error(ip.why);
  return ip.value;
}

/** Makes the service of free space. Reading first merges what has cooled down, so that lists show whole runs. */
export function createSpaceService({ db, transact }: Context): SpaceService {
  /** Merges what is due, and answers the subnet's family and whether ranges lie in its spans. */
  async function settled(caller: Caller, subnetId: number): Promise<Space> {
    const [usage] = await db.query<Space & { due: boolean }>(spaceOf, [subnetId]);
    if (!usage) throw kernelErrors.notFound(`There is no subnet ${subnetId}.`);
    if (usage.due) {
      await transact(caller, async (tx) => {
        await tx.query('SELECT lock_usage(ARRAY[$1::bigint])', [subnetId]);
        await tx.query('SELECT settle_spans($1)', [subnetId]);
      });
    }
    return usage;
  }

  return {
    async lock(tx, subnetIds) {
      if (subnetIds.length > 0) await tx.query(lockUsage, [subnetIds]);
    },

    async hold(tx, vrfId, addresses, until) {
      if (addresses.length > 0) await tx.query(holdAddresses, [vrfId, addresses, until]);
    },

    async forgetHolds() {
      await db.query(forgetHolds);
    },

    async freeSpans(caller, subnetId, { limit = 50, cursor }) {
      const after = cursor === undefined ? null : decodeIpCursor(cursor);
      await settled(caller, subnetId);
      const rows = await db.query<{ start: string; end: string; size: string }>(freeSpans, [
        subnetId,
        after,
        limit + 1,
      ]);
      const items = rows
        .slice(0, limit)
        .map(({ start, end, size }) => ({ start, end, size: wireCount(size) }));
      const last = rows.length > limit ? items.at(-1) : undefined;
      return { items, nextCursor: last ? encodeIpCursor(last.end) : null, total: null };
    },

    async freeBlocks(caller, subnetId, { limit = 50, cursor, prefixLength }) {
      const after = cursor === undefined ? null : decodeIpCursor(cursor);
      const { family, hasRanges } = await settled(caller, subnetId);
      demandPossible(prefixLength, family);
      const spans = hasRanges ? roomySpansBetweenRanges : roomySpans;
      const items: string[] = [];
      let last: Block | undefined;
      for await (const block of blocksAfter(db.query, spans, subnetId, after, prefixLength)) {
        if (items.length === limit) {
          const end = formatIp({ family: block.family, value: lastOf(last as Block) });
          return { items, nextCursor: encodeIpCursor(end), total: null };
        }
        items.push(formatBlock(block));
        last = block;
      }
      return { items, nextCursor: null, total: null };
    },
  };
}

function demandPossible(prefixLength: number | undefined, family: 4 | 6): void {
  if (prefixLength === undefined || prefixLength <= bitsOf(family)) return;
  const message = `A prefix length of IPv${family} is at most ${bitsOf(family)}.`;
  throw invalidRequest([{ path: 'query.prefixLength', code: 'too-big', message }]);
}

/** Cuts a subnet's free spans into blocks, fetching more spans as they are used up. */
async function* blocksAfter(
  query: RunQuery,
  spans: Statement,
  subnetId: number,
  after: string | null,
  prefixLength: number | undefined,
): AsyncGenerator<Block> {
  let reached = after;
  for (;;) {
    const rows = await query<{ start: string; end: string }>(spans, [
      subnetId,
      reached,
      spansAtOnce,
      prefixLength ?? 128,
    ]);
    for (const { start, end } of rows) {
      const from = value(start);
      const beyond = after === null ? from.value : value(after).value + 1n;
      const first = beyond > from.value ? beyond : from.value;
      const span: Span = { family: from.family, first, last: value(end).value };
      yield* prefixLength === undefined ? maximalBlocks(span) : blocksOfLength(span, prefixLength);
    }
    if (rows.length < spansAtOnce) return;
    reached = rows.at(-1)?.end ?? null;
  }
}
