import {
  type Caller,
  carriedBy,
  coalesce,
  type IdempotencyKey,
  keyReused,
  named,
  type PluginContext,
  type RunQuery,
  type Statement,
  type Tx,
  valuesOnly,
} from '#core';
import type { devices } from '#plugins/devices';
import { type AddressRecord, isOpenChoice, type subnets } from '#plugins/subnets';
import type { vlans } from '#plugins/vlans';

import type { allocationEvents } from './events.ts';
import { type Answer, createGranting, isPlain, type Member, type Source } from './granting.ts';
import { byKey, type Handed, type HandedRow, type KeptAddresses, type KeptRows, keysOf } from './keys.ts';
import { Places } from './places.ts';
import { firstOf, refusalProblem, takenProblem, withoutSubnet } from './problems.ts';
import type { DrawBelow } from './random.ts';
import type { Wish } from './schemas.ts';
import type { AddressStrategy, Catalogue } from './strategies.ts';
import { explained, withHolders } from './wish-holders.ts';

/** What the kernel gives this plugin. */
export type AllocationContext = PluginContext<
  { cooldownSeconds: number; expiryNoticeHours: number },
  unknown,
  typeof allocationEvents,
  readonly [typeof vlans, typeof devices, typeof subnets]
>;

/** Hands out addresses. */
export interface AddressAllocator {
  /** Grants one wish; 409 where it cannot be. */
  one(caller: Caller, subnetId: number, wish: Wish): Promise<AddressRecord[]>;
  /** The same once for each key: whoever comes again with it is answered as the first time. */
  once(caller: Caller, subnetId: number, wish: Wish, key: IdempotencyKey | undefined): Promise<Handed>;
  /** Grants several wishes of one transaction, together or not at all. */
  all(tx: Tx, subnetId: number, wishes: readonly Wish[]): Promise<AddressRecord[]>;
  /** The same once for each key. */
  allOnce(
    tx: Tx,
    subnetId: number,
    wishes: readonly Wish[],
    key: IdempotencyKey | undefined,
  ): Promise<Handed>;
  /** The same from the first of several subnets that has room, each wish whole from one of them. */
  allFrom(tx: Tx, source: Source, wishes: readonly Wish[]): Promise<AddressRecord[]>;
}

/** A row of the database function's answer: of a member, or, the last one, of all. */
type Row = MemberRow | { member: null; detail: Shared };

interface MemberRow {
  member: number;
  problem: string | null;
  /** Of a problem what it says, of an address what does not follow from the request. */
  detail: Record<string, unknown> | null;
  id: number;
  address: string;
}

/** What all addresses of one call have in common, and where it found the subnet. */
interface Shared {
  vrfId: number;
  createdAt: string;
  place: unknown;
}

const allocate = named(
  'allocate_addresses',
  'SELECT member, problem, detail, id, address FROM allocate_addresses($1, $2, $3, $4, $5, $6, $7, $8, $9)',
);

/** Two batches of half the usual connections overlap: one is in the database while the answers of the other are sent. */
const batchSize = 24;
/** Of wishes that take a statement or two each; the lock is held all the while. */
const pickedAtOnce = 16;

/** Makes the allocator. Single wishes for the same subnet that arrive together go to the database together. */
export function createAddressAllocator(
  ctx: AllocationContext,
  strategies: Catalogue<AddressStrategy>,
  draw: DrawBelow,
): AddressAllocator {
  const { db, transact, emit, isHeard, clock } = ctx;
  const places = new Places();

  function memberOf(caller: Caller, wish: Wish, key?: IdempotencyKey): Member {
    const until = wish.ttl === undefined ? wish.expiresAt : clock().getTime() + wish.ttl * 1000;
    return { caller, wish, expiresAt: until ? timeText(new Date(until)) : null, key };
  }

  async function run(
    query: RunQuery,
    subnetId: number,
    members: readonly Member[],
    flush = true,
  ): Promise<Answer[]> {
    const rows = await query<Row>(allocate, [
      subnetId,
      unlessAll(1, members, ({ wish }) => wish.count ?? 1),
      unlessAll(null, members, ({ wish }) => wish.address ?? null),
      members.map(({ caller }) => caller.actor),
      attributesOf(members),
      places.get(subnetId),
      keysOf(members),
      callersOf(members),
      flush,
    ]).catch((fault: unknown) => {
      throw withoutSubnet(fault, subnetId);
    });
    const answers = members.map((): Answer => ({ granted: [] }));
    const last = rows.at(-1);
    const shared = last?.member === null ? last.detail : undefined;
    if (shared) places.set(subnetId, shared.place);
    for (const row of rows) {
      if (row.member === null) continue;
      const answer = answers[row.member] as Answer;
      const member = members[row.member] as Member;
      if (row.problem === 'other-strategy') answer.otherStrategy = true;
      else if (row.problem === 'answered-before')
        Object.assign(answer, replay(row.detail as never, member, subnetId));
      else if (row.problem === 'key-reused') answer.refused = keyReused(member.key as IdempotencyKey);
      else if (row.problem)
        answer.refused = refusalProblem({ problem: row.problem, detail: row.detail ?? {} }, member.wish);
      else answer.granted.push(recordOf(handedRowOf(row, shared as Shared), member, subnetId));
    }
    return answers;
  }

  async function announce(tx: Tx, answers: readonly Answer[]): Promise<Answer[]> {
    for (const { id, vrfId, subnetId, address } of answers.flatMap(({ granted }) => granted)) {
      await emit(tx, 'address.allocated', { id, vrfId, subnetId, address });
    }
    return [...answers];
  }

  /** The same where several share the transaction: whoever hears of it acts in the name of whoever got the address. */
  async function announceEach(tx: Tx, answers: readonly Answer[], members: readonly Member[]) {
    if (!isHeard('address.allocated')) return [...answers];
    for (const [index, { caller }] of members.entries()) {
      await tx.inNameOf(caller, (own) => announce(own, answers.slice(index, index + 1)));
    }
    return [...answers];
  }

  /** Where nobody listens, the one statement is all the transaction there is: its rows bring their own actors. */
  async function grantAlone(subnetId: number, members: readonly Member[]): Promise<Answer[]> {
    let written: Promise<void> | undefined;
    const query: RunQuery = async <R>(statement: Statement | string, values: readonly unknown[] = []) => {
      const { rows, onDisk: then } = await db.queryAhead<R>(subnetId, statement as Statement, values);
      written = then;
      return rows;
    };
    const answers = namingHolders(await run(query, subnetId, members, false), members);
    if (written) for (const answer of answers) answer.onDisk = written;
    return answers;
  }

  async function grant(subnetId: number, members: readonly Member[]): Promise<Answer[]> {
    // Only after the first can the second be answered as it was: one by one, then.
    if (sharesKey(members)) throw new Error('Two of these requests have the same Idempotency-Key.');
    if (!isHeard('address.allocated')) return grantAlone(subnetId, members);
    return grantIn(subnetId, members);
  }

  function grantIn(subnetId: number, members: readonly Member[]): Promise<Answer[]> {
    const { caller } = members[0] as Member;
    return transact(caller, async (tx) =>
      announceEach(tx, namingHolders(await run(tx.query, subnetId, members), members), members),
    );
  }

  const together = coalesce(grant, batchSize);

  const granting = createGranting({ strategies, draw, serve: run });

  /** The road of wishes that the lowest addresses do not do for: a strategy picks, in a transaction that several share. */
  const byStrategy = coalesce(
    async (subnetId: number, members: readonly Member[]) =>
      transact((members[0] as Member).caller, async (tx) =>
        announceEach(tx, await granting(tx, { subnetIds: [subnetId] }, members), members),
      ),
    pickedAtOnce,
  );

  /** The same road; with a key, or where the caller may not write everywhere, in a transaction of its own, which keeps that too. */
  async function picked(subnetId: number, member: Member): Promise<Handed> {
    const { caller, wish, key } = member;
    if (key || caller.confined) return transact(caller, (tx) => allocator.allOnce(tx, subnetId, [wish], key));
    return { addresses: grantedOf(await byStrategy(subnetId, member)) };
  }

  /** The road of a wish whose holder is known by id. */
  async function direct(subnetId: number, member: Member): Promise<Handed> {
    if (!isPlain(member.wish)) return picked(subnetId, member);
    // Where somebody may write is a matter of the whole transaction.
    const [answer] = member.caller.confined
      ? await grantIn(subnetId, [member])
      : [await together(subnetId, member)];
    if (answer?.otherStrategy) return picked(subnetId, member);
    // A refusal tells of what others have got, and is thrown at once.
    if (answer?.refused) await answer.onDisk;
    return { addresses: grantedOf(answer as Answer), replayed: answer?.replayed, onDisk: answer?.onDisk };
  }

  const allocator: AddressAllocator = {
    async one(caller, subnetId, wish) {
      const { addresses, onDisk } = await allocator.once(caller, subnetId, wish, undefined);
      await onDisk;
      return addresses;
    },
    async once(caller, subnetId, wish, key) {
      // What a name means is kept with the answer: whoever comes again is not told of who has the name by then.
      if (isOpenChoice(wish)) return transact(caller, (tx) => allocator.allOnce(tx, subnetId, [wish], key));
      try {
        return await direct(subnetId, memberOf(caller, wish, key));
      } catch (fault) {
        throw await explained(db.query, fault, wish);
      }
    },
    all: (tx, subnetId, wishes) => allocator.allFrom(tx, { subnetIds: [subnetId] }, wishes),
    allOnce: (tx, subnetId, wishes, key) => byKey(tx, key, () => allocator.all(tx, subnetId, wishes)),
    async allFrom(tx, source, wishes) {
      const members = (await withHolders(tx.query, wishes)).map((wish) => memberOf(tx.caller, wish));
      const answers = await granting(tx, source, members);
      const refusals = answers.flatMap(({ refused }, index) => (refused ? [{ index, refused }] : []));
      if (refusals.length > 0) throw firstOf(refusals);
      await announce(tx, answers);
      return answers.flatMap(({ granted }) => granted);
    },
  };
  return allocator;
}

function sharesKey(members: readonly Member[]): boolean {
  const keys = members.flatMap(({ key }) =>
    key ? [JSON.stringify([key.principal, key.route, key.key])] : [],
  );
  return new Set(keys).size < keys.length;
}

function grantedOf({ granted, refused }: Answer): AddressRecord[] {
  if (refused) throw refused;
  return granted;
}

/** Who asked by name for what another member of the same batch got is told who that is. */
function namingHolders(answers: Answer[], members: readonly Member[]): Answer[] {
  if (!answers.some(({ refused }) => refused)) return answers;
  const granted = new Map(answers.flatMap((answer) => answer.granted.map((each) => [each.address, each])));
  return answers.map((answer, index) => {
    const holder = granted.get(members[index]?.wish.address ?? '');
    if (!holder || !answer.refused) return answer;
    const { id, address, status, hostname, mac, deviceId, description } = holder;
    return {
      granted: [],
      refused: takenProblem(address, { id, status, hostname, mac, deviceId, description }),
    };
  });
}

/** A moment as reading the row would answer it: without zeros at its end. */
function timeText(at: Date): string {
  return at.toISOString().replace(/\.?0+Z$/, 'Z');
}

/** A figure of each member, or null where all have the usual one. */
function unlessAll<T>(usual: T, members: readonly Member[], figure: (member: Member) => T): T[] | null {
  const figures = members.map(figure);
  return figures.every((each) => each === usual) ? null : figures;
}

/** What a transaction of each member would carry, as JSON; once, where one and the same stands behind all of them. */
function callersOf(members: readonly Member[]): string {
  const callers = members.map(({ caller }) => caller);
  const [first] = callers;
  const different = callers.every((caller) => caller === first) ? callers.slice(0, 1) : callers;
  return JSON.stringify(different.map(carriedBy));
}

/** Whether a wish is for any addresses, and says nothing of them. */
function isBare(wish: Wish): boolean {
  for (const field in wish) if (field !== 'count' && field !== 'address') return false;
  return true;
}

/** What the members say of their addresses, as JSON; null where none says anything. */
function attributesOf(members: readonly Member[]): string | null {
  if (members.every(({ wish }) => isBare(wish))) return null;
  const attributes = members.map(({ wish, expiresAt }) => {
    const {
      status,
      hostname,
      mac,
      deviceId,
      interfaceId,
      description,
      tags,
      metadata,
      customFields,
      strategy,
    } = wish;
    return {
      status,
      hostname,
      mac,
      deviceId,
      interfaceId,
      description,
      tags,
      metadata,
      customFields: customFields && valuesOnly(customFields),
      strategy,
      expiresAt: expiresAt ?? undefined,
    };
  });
  return JSON.stringify(attributes);
}

/** The answer that is kept under a member's key. Its wish is the same, so where only rows are kept, it is put together again. */
function replay(kept: KeptRows | KeptAddresses, member: Member, subnetId: number): Answer {
  if ('addresses' in kept) return { granted: kept.addresses, replayed: kept.changeId };
  const first = { ...member, expiresAt: kept.expiresAt ?? null };
  return { granted: kept.rows.map((row) => recordOf(row, first, subnetId)), replayed: kept.changeId };
}

/** What the database gave an address: what all have in common, unless its own row says otherwise. */
function handedRowOf({ id, address, detail }: MemberRow, { vrfId, createdAt }: Shared): HandedRow {
  return { vrfId, id, address, createdAt, ...detail };
}

/** A moment of the database's JSON, as reading the row would answer it. */
function utc(time: string): string {
  return time.replace('+00:00', 'Z');
}

/** An address that was handed out, as clients see it: what was asked for, with what the database gave. */
function recordOf(row: HandedRow, { caller, wish, expiresAt }: Member, subnetId: number): AddressRecord {
  return {
    id: row.id,
    vrfId: row.vrfId,
    subnetId,
    address: row.address,
    family: row.address.includes(':') ? 6 : 4,
    status: wish.status ?? 'assigned',
    hostname: wish.hostname ?? null,
    mac: wish.mac ?? null,
    deviceId: wish.deviceId ?? null,
    interfaceId: wish.interfaceId ?? null,
    role: null,
    expiresAt,
    availableAt: null,
    description: wish.description ?? null,
    tags: wish.tags ?? [],
    metadata: wish.metadata ?? {},
    customFields: row.customFields ?? {},
    version: row.version ?? 1,
    createdAt: utc(row.createdAt),
    updatedAt: utc(row.updatedAt ?? row.createdAt),
    createdBy: row.createdBy ?? caller.actor,
    updatedBy: caller.actor,
  };
}
