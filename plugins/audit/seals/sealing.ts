import type { JobRun, Log, Sealer, Transact, Tx } from '#core';
import { end, headOf, noHead, type Position, rootOf, type Seal, start } from './form.ts';
import {
  greatestIds,
  holdLog,
  insertSeal,
  type LogRow,
  lastSeal,
  lockSeals,
  logRows,
  moment,
  type StoredSeal,
} from './queries.ts';

/** The most rows of one seal: so many have to be looked at to name one that was altered. */
const most = 1_000;

/** Where the chain of seals ends: what the next one continues. */
interface Tail {
  id: number;
  head: Buffer;
  server: string;
  aboveId: number;
  upto: Position;
}

/** Now, on which server, and the oldest transaction that runs there. */
interface Moment {
  now: string;
  server: string;
  horizon: string;
}

/** A seal that was made just now. */
interface Made {
  seal: number;
  rows: number;
  head: string;
}

/**
 * Makes what seals the log. A run seals all rows whose transactions are older than every running one, seal by seal, each in a
 * transaction of its own, so that the next run continues one that was cut short; answers how many seals it made.
 */
export function createSealing(parts: { sealer: Sealer | undefined; transact: Transact; log: Log }) {
  const { sealer, transact, log } = parts;
  return async function seal({
    caller,
    signal,
  }: Pick<JobRun<unknown>, 'caller' | 'signal'>): Promise<number> {
    if (!sealer) return 0;
    for (let seals = 0; ; ) {
      signal.throwIfAborted();
      const made = await transact(caller, (tx) => sealNext(tx, sealer));
      // Outside the database: whoever has a head from here can tell when seals behind it are cut off.
      for (const each of made) log.info(each, 'audit log sealed');
      if (made.length === 0) return seals;
      seals += made.length;
    }
  };
}

async function sealNext(tx: Tx, sealer: Sealer): Promise<Made[]> {
  await tx.query(lockSeals);
  const [at] = (await tx.query<Moment>(moment)) as [Moment];
  const [last] = await tx.query<StoredSeal>(lastSeal);
  const tail: Tail = last
    ? { ...last, upto: { xact: last.uptoXact, id: last.uptoId } }
    : { id: 0, head: noHead, server: at.server, aboveId: 0, upto: start };
  const chain = openChain(tx, sealer, at, tail);
  if (tail.server === at.server) await chain.extend({ xact: at.horizon, id: 0 }, null);
  else await beginNewLine(tx, chain, tail.aboveId);
  return chain.made;
}

/**
 * The log was restored into another server, whose transactions have other numbers. What came with it unsealed is sealed in the
 * order of the old numbers; behind the greatest id of now, a new line begins.
 */
async function beginNewLine(tx: Tx, chain: Chain, aboveId: number): Promise<void> {
  await tx.query(holdLog);
  const [ids] = await tx.query<{ logged: number; sealed: number }>(greatestIds, [aboveId]);
  const { logged, sealed } = ids as { logged: number; sealed: number };
  while (await chain.extend(end, sealed));
  chain.beginAbove(sealed);
  while (await chain.extend(end, logged));
  chain.beginAbove(logged);
  await chain.append([], start);
}

type Chain = ReturnType<typeof openChain>;

/** The chain of seals, to be continued within one transaction. */
function openChain(tx: Tx, sealer: Sealer, { now, server }: Moment, from: Tail) {
  let tail = from;
  const made: Made[] = [];

  async function append(rows: readonly LogRow[], upto: Position): Promise<void> {
    const sealed = {
      ids: rows.map(({ id }) => id),
      digests: Buffer.concat(rows.map(({ digest }) => digest)),
    };
    const times = rows.map(({ at }) => at).sort();
    const seal: Seal = {
      id: tail.id + 1,
      previous: tail.head,
      madeAt: now,
      server,
      aboveId: tail.aboveId,
      from: tail.upto,
      upto,
      firstAt: times[0] ?? null,
      lastAt: times.at(-1) ?? null,
      root: rootOf(sealed),
      keyId: sealer.keyId,
    };
    const head = headOf(sealer, seal) as Buffer;
    const { id, previous, madeAt, aboveId, firstAt, lastAt, root, keyId } = seal;
    await tx.query(insertSeal, [
      id,
      previous,
      madeAt,
      server,
      aboveId,
      seal.from.xact,
      seal.from.id,
      upto.xact,
      upto.id,
      firstAt,
      lastAt,
      root,
      keyId,
      head,
      sealed.ids,
      sealed.digests,
    ]);
    tail = { id, head, server, aboveId, upto };
    made.push({ seal: id, rows: rows.length, head: head.toString('hex') });
  }

  return {
    made,
    append,
    /** Seals the next rows before a position, and up to an id unless that is null; false where there are none. */
    async extend(before: Position, uptoId: number | null): Promise<boolean> {
      const { upto, aboveId } = tail;
      const found = await tx.query<LogRow>(logRows, [
        upto.xact,
        upto.id,
        before.xact,
        before.id,
        aboveId,
        uptoId,
        most,
      ]);
      // A seal is about one month, with which its rows may be dropped.
      const other = found.findIndex(({ at }) => at.slice(0, 7) !== found[0]?.at.slice(0, 7));
      const rows = other < 0 ? found : found.slice(0, other);
      const last = rows.at(-1);
      if (!last) return false;
      // All there is up to the position: a row that turns up there later was not written by a transaction of then.
      await append(rows, rows.length === most || other >= 0 ? last : before);
      return true;
    },
    /** What follows is about rows with greater ids than this, from the first transaction on. */
    beginAbove(id: number): void {
      tail = { ...tail, aboveId: id, upto: start };
    },
  };
}
