import { createHmac } from 'node:crypto';
import type { Caller } from '../auth/caller.ts';
import { named, type RunQuery } from '../db/database.ts';
import type { Transact, Tx } from '../db/transaction.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Problem } from '../errors/problem.ts';
import type { Answer } from './answer.ts';
import { type IdempotencyKey, replayedHeader } from './request.ts';
import { invalidRequest } from './validate.ts';

const visible = /^[\x21-\x7e]{1,255}$/;

/** Checks the header, and throws 422 where it is no key. */
export function readKey(header: string | string[]): string {
  if (typeof header === 'string' && visible.test(header)) return header;
  const message = 'It has to be 1 to 255 visible ASCII characters without blanks, sent once; a UUID will do.';
  throw invalidRequest([{ path: 'header.Idempotency-Key', code: 'invalid-format', message }]);
}

/**
 * The hash of a request. Keyed with a secret of the installation: a body may hold a password, and a bare hash of it would be
 * easier to guess from than the one that is kept of the password.
 */
export function hashOf(secret: string, request: readonly unknown[]): Buffer {
  return createHmac('sha256', secret).update(JSON.stringify(request)).digest();
}

/** 422 for a key that came with another request. */
export function keyReused({ key, route }: Pick<IdempotencyKey, 'key' | 'route'>): Problem {
  return kernelErrors.idempotencyKeyReused(
    `The Idempotency-Key "${key}" was sent with another ${route} within a day; repeat that very request, or choose a new key.`,
  );
}

const claim = named(
  'idempotency_claim',
  'SELECT request_hash AS hash, answer FROM claim_idempotency_key($1, $2, $3, $4)',
);
const keep = named(
  'idempotency_keep',
  'UPDATE idempotency_key SET answer = $4 WHERE principal = $1 AND route = $2 AND key = $3',
);

/**
 * Answers a request once: all that it writes, and its answer under its key, in one transaction. Sent again, it gets that answer;
 * sent twice at once, also to two processes, the second waits for the first. A request that failed leaves no key.
 */
export function answerOnce(
  transact: Transact,
  caller: Caller,
  idempotency: IdempotencyKey,
  make: (tx: Tx) => Promise<Answer>,
): Promise<Answer> {
  const { principal, route, key, hash } = idempotency;
  return transact(caller, async (tx) => {
    const [kept] = await tx.query<{ hash: Buffer; answer: Answer }>(claim, [principal, route, key, hash]);
    if (!kept) {
      const answer = await make(tx);
      await tx.query(keep, [principal, route, key, JSON.stringify(answer)]);
      return answer;
    }
    if (!hash.equals(kept.hash)) throw keyReused(idempotency);
    const { status, headers, body } = kept.answer;
    return { status, headers: { ...headers, [replayedHeader]: 'true' }, body };
  });
}

const most = 10_000;
const purge = named('idempotency_purge', 'SELECT purge_idempotency_keys($1) AS gone');

/** Forgets the keys that are older than a day and count no more; answers how many there were. */
export async function purgeIdempotencyKeys(query: RunQuery): Promise<number> {
  for (let total = 0; ; ) {
    const [{ gone } = { gone: 0 }] = await query<{ gone: number }>(purge, [most]);
    total += gone;
    if (gone < most) return total;
  }
}
