import { createHash, timingSafeEqual } from 'node:crypto';
import type { Sealer } from '#core';

/** A place in the order in which rows are sealed: by transaction, then by id. */
export interface Position {
  /** A 64-bit number, as text. */
  xact: string;
  id: number;
}

/** What a seal says, without the digests of its rows; times are ISO 8601 with microseconds, UTC. */
export interface Seal {
  /** 1, 2, 3 … without a gap. */
  id: number;
  /** The head of the seal before it; 32 zeros for the first. */
  previous: Buffer;
  madeAt: string;
  /** The server (its system identifier) whose transactions the positions name. */
  server: string;
  /** Its rows have greater ids than this: those up to it belong to seals of another server. */
  aboveId: number;
  /** Its rows lie between these two, the first excluded. */
  from: Position;
  upto: Position;
  /** When the first and the last of its rows were written; NULL where it has none. */
  firstAt: string | null;
  lastAt: string | null;
  /** Stands for the ids and digests of its rows. */
  root: Buffer;
  keyId: string;
}

/** The ids of a seal's rows, in its order, and the SHA-256 of each, one after the other. */
export interface SealedRows {
  ids: number[];
  digests: Buffer;
}

export const start: Position = { xact: '0', id: 0 };
/** Behind all transactions that there can be. */
export const end: Position = { xact: '18446744073709551615', id: 0 };
export const noHead = Buffer.alloc(32);

/**
 * SHA-256 of a row `a` of the log: of the UTF-8 text of a JSON array of all its columns, in the order of the table; numbers of
 * transactions, UUIDs and addresses as text, times in UTC with microseconds, JSON as PostgreSQL's jsonb prints it.
 */
export const digestSql = `sha256(convert_to(jsonb_build_array(
  a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), a.xact::text, a.change_id::text, a.actor, a.db_user,
  a.source, a.source_address::text, a.request_id, a.action, a.entity, a.entity_id, a.subject, a.key, to_jsonb(a.secrets),
  a.before, a.after)::text, 'UTF8'))`;

/** SHA-256 over ids and digests. */
export function rootOf({ ids, digests }: SealedRows): Buffer {
  return createHash('sha256')
    .update(`${ids.join(',')};`)
    .update(digests)
    .digest();
}

/** The head of a seal: the HMAC of all that it says; undefined where its key is not known. */
export function headOf(sealer: Sealer, seal: Seal): Buffer | undefined {
  const { id, previous, madeAt, server, aboveId, from, upto, firstAt, lastAt, root, keyId } = seal;
  const said = [
    'cadastre audit seal 1',
    id,
    previous.toString('hex'),
    madeAt,
    server,
    aboveId,
    from.xact,
    from.id,
    upto.xact,
    upto.id,
    firstAt,
    lastAt,
    root.toString('hex'),
    keyId,
  ];
  return sealer.seal(Buffer.from(JSON.stringify(said)), keyId);
}

/** True where two hashes are the same. */
export function same(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
