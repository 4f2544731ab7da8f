import type { RunQuery, Sealer } from '#core';
import { end, headOf, noHead, type Position, rootOf, type SealedRows, same, start } from './form.ts';
import {
  describeRow,
  type LogRow,
  lastDropped,
  lines,
  logRows,
  rowsBehind,
  type StoredSeal,
  sealedRows,
  sealsAfter,
  strayRow,
} from './queries.ts';

/** The first thing that is not as it was sealed. */
export interface Fault {
  what:
    | 'row altered'
    | 'row added'
    | 'row removed'
    | 'seal altered'
    | 'seal removed'
    | 'key unknown'
    | 'head missing';
  /** The row of the log that it is about, and the seal that shows it. */
  rowId?: number;
  sealId?: number;
  say: string;
}

/** What a verification found; times are ISO 8601, UTC. */
export interface Verdict {
  /** Rows and seals that were looked at. */
  rows: number;
  seals: number;
  /** When the last seal was made, and its head; null without any seal. */
  sealedUntil: string | null;
  head: string | null;
  /** Rows that no seal is about yet, and when the first of them was written. */
  unsealed: { rows: number; since: string | null };
  /** The last month that retention has dropped, when and by whom. */
  dropped: { month: string; at: string; actor: string } | null;
  /** Null where all is as it was sealed. */
  fault: Fault | null;
}

export interface VerifyOptions {
  /** ISO 8601, UTC: only seals with rows from this time on, and until that. The chain of seals is looked at as a whole. */
  from?: string | undefined;
  to?: string | undefined;
  /** The head of a seal, in hexadecimal, that must be in the chain. */
  head?: string | undefined;
}

type Link = Pick<StoredSeal, 'id' | 'head' | 'aboveId'> & { upto: Position };
type Described = { at: string; actor: string; action: string; entity: string; subject: string };

/**
 * Makes what verifies the log: walks the chain of seals and compares each with the rows of now, at most a thousand at a time, and
 * answers the first difference. Throws where there is no key.
 */
export function createVerifying({ query, sealer }: { query: RunQuery; sealer: Sealer | undefined }) {
  return async function verify({ from, to, head: wanted }: VerifyOptions = {}): Promise<Verdict> {
    if (!sealer)
      throw new Error(
        'There is no key to verify the audit log with: set AUDIT_KEY to the one that sealed it.',
      );
    const begins = (await query<{ aboveId: number }>(lines)).map(({ aboveId }) => aboveId);
    const lineEnd = ({ aboveId }: Pick<Link, 'aboveId'>) => begins.find((each) => each > aboveId) ?? null;
    const [dropped] = await query<{ month: string; at: string; actor: string; keptFrom: string }>(
      lastDropped,
    );
    const verdict = { rows: 0, seals: 0, sealedUntil: null as string | null };
    let link: Link = { id: 0, head: noHead, aboveId: 0, upto: start };
    let headSeen = wanted === undefined;

    const verdictOf = async (fault: Fault | undefined): Promise<Verdict> => {
      const [unsealed] = await query<Verdict['unsealed']>(rowsBehind, [
        link.upto.xact,
        link.upto.id,
        link.aboveId,
      ]);
      return {
        ...verdict,
        head: link.id === 0 ? null : link.head.toString('hex'),
        unsealed: unsealed as Verdict['unsealed'],
        dropped: dropped ? { month: dropped.month, at: dropped.at, actor: dropped.actor } : null,
        fault: fault ?? null,
      };
    };

    const [stray] = await query<{ id: number | null }>(strayRow);
    if (stray?.id) return verdictOf(await added(stray.id));
    for (;;) {
      const page = await query<StoredSeal>(sealsAfter, [link.id]);
      if (page.length === 0) break;
      for (const seal of page) {
        const broken = brokenLink(sealer, link, seal) ?? (await lateComer(link, seal, lineEnd(link)));
        if (broken) return verdictOf(broken);
        const { id, head, aboveId, count } = seal;
        const outside = (from && (seal.lastAt ?? '') < from) || (to && (seal.firstAt ?? '') > to);
        if (!outside) {
          const gone = dropped !== undefined && (seal.lastAt ?? '') < dropped.keptFrom;
          const differs = count > 0 ? await difference(seal, lineEnd(seal), gone) : undefined;
          if (differs) return verdictOf(differs);
          verdict.seals += 1;
          verdict.rows += gone ? 0 : count;
        }
        link = { id, head, aboveId, upto: { xact: seal.uptoXact, id: seal.uptoId } };
        verdict.sealedUntil = seal.madeAt;
        headSeen ||= head.toString('hex') === wanted?.toLowerCase();
      }
    }
    if (headSeen) return verdictOf(undefined);
    return verdictOf({
      what: 'head missing',
      say: `No seal has the head ${wanted}: the last seals were cut off, or the log is another one.`,
    });
  };

  /** A row of a line of seals that is closed, behind the last of them. */
  async function lateComer({ upto, aboveId }: Link, seal: StoredSeal, uptoId: number | null) {
    if (seal.aboveId === aboveId) return undefined;
    const [late] = await query<LogRow>(logRows, [upto.xact, upto.id, end.xact, end.id, aboveId, uptoId, 1]);
    return late && added(late.id);
  }

  /** How the rows of now differ from those that a seal has; `gone` where retention has dropped them. */
  async function difference(
    seal: StoredSeal,
    uptoId: number | null,
    gone: boolean,
  ): Promise<Fault | undefined> {
    const [rows] = (await query<SealedRows>(sealedRows, [seal.id])) as [SealedRows];
    if (!same(rootOf(rows), seal.root)) return sealAltered(seal.id);
    const found = await query<LogRow>(logRows, [
      seal.fromXact,
      seal.fromId,
      seal.uptoXact,
      seal.uptoId,
      seal.aboveId,
      uptoId,
      rows.ids.length + 1,
    ]);
    const sealed = new Set(rows.ids);
    let next = 0;
    for (const [nth, id] of rows.ids.entries()) {
      const row = found[next];
      if (row && !sealed.has(row.id)) return added(row.id, seal.id);
      if (row?.id !== id) {
        if (gone) continue;
        return missing(id, seal);
      }
      if (!same(row.digest, rows.digests.subarray(nth * 32, nth * 32 + 32))) return altered(id, seal.id);
      next += 1;
    }
    const more = found[next];
    return more && added(more.id, seal.id);
  }

  async function missing(id: number, seal: StoredSeal): Promise<Fault> {
    // Moved to another place in the order, it is there still.
    const [row] = await query(describeRow, [id]);
    if (row) return altered(id, seal.id);
    const say = `Row ${id} was removed: seal ${seal.id} has it, over rows from ${seal.firstAt} to ${seal.lastAt}.`;
    return { what: 'row removed', rowId: id, sealId: seal.id, say };
  }

  async function altered(id: number, sealId: number): Promise<Fault> {
    const say = `Row ${id} was altered since seal ${sealId}. It says now: ${await described(id)}.`;
    return { what: 'row altered', rowId: id, sealId, say };
  }

  async function added(id: number, sealId?: number): Promise<Fault> {
    const among = sealId === undefined ? 'rows that were sealed before it' : `those of seal ${sealId}`;
    const say = `Row ${id} was added later among ${among}. It says: ${await described(id)}.`;
    return { what: 'row added', rowId: id, ...(sealId === undefined ? {} : { sealId }), say };
  }

  async function described(id: number): Promise<string> {
    const [row] = (await query<Described>(describeRow, [id])) as [Described];
    return `${row.at}, ${row.actor}, ${row.action} of ${row.entity} ${row.subject}`;
  }
}

/** What is wrong with a seal itself, or with how it follows the one before. */
function brokenLink(sealer: Sealer, link: Link, seal: StoredSeal): Fault | undefined {
  const { id, aboveId } = seal;
  if (id !== link.id + 1) {
    return {
      what: 'seal removed',
      sealId: link.id + 1,
      say: `Seal ${link.id + 1} was removed; the next is ${id}.`,
    };
  }
  const from = { xact: seal.fromXact, id: seal.fromId };
  const head = headOf(sealer, { ...seal, from, upto: { xact: seal.uptoXact, id: seal.uptoId } });
  if (!head) {
    const say = `Seal ${id} was made with a key (${seal.keyId}) that AUDIT_KEY does not have.`;
    return { what: 'key unknown', sealId: id, say };
  }
  const continues = aboveId === link.aboveId && at(from, link.upto);
  const begins = aboveId >= link.aboveId && at(from, start);
  const follows = same(seal.previous, link.head) && (continues || begins);
  return same(head, seal.head) && follows ? undefined : sealAltered(id);
}

const at = (one: Position, other: Position) => one.xact === other.xact && one.id === other.id;

function sealAltered(id: number): Fault {
  return {
    what: 'seal altered',
    sealId: id,
    say: `Seal ${id} was altered: it is not what its key made of it.`,
  };
}
