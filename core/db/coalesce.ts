/** Gathers calls for the same key into batches: whoever arrives while a batch is under way goes into the next. */
export type Coalesced<Key, Member, Answer> = (key: Key, member: Member) => Promise<Answer>;

interface Waiting<Member, Answer> {
  member: Member;
  resolve(answer: Answer): void;
  reject(fault: unknown): void;
}

/**
 * Runs `run` with all members that wait for a key, at most `most` at once, one batch per key at a time. A batch that throws is
 * run again member by member, so that one bad member fails alone (but a 503 goes to all). Nothing is lost or doubled across
 * processes by this: it only saves round trips; what is correct is up to `run`.
 */
export function coalesce<Key, Member, Answer>(
  run: (key: Key, members: readonly Member[]) => Promise<readonly Answer[]>,
  most: number,
): Coalesced<Key, Member, Answer> {
  const queues = new Map<Key, Waiting<Member, Answer>[]>();

  /** Runs a batch, and answers how to tell its members. */
  async function serve(key: Key, batch: readonly Waiting<Member, Answer>[]): Promise<() => void> {
    const refuse = (fault: unknown) => {
      for (const { reject } of batch) reject(fault);
    };
    try {
      const members = batch.map(({ member }) => member);
      const answers = await run(key, members);
      return () => {
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
      };
    } catch (fault) {
      // Out of time or without a database, trying each alone would only make all of them wait longer.
      if (batch.length === 1 || (fault as { status?: unknown }).status === 503) {
        return () => refuse(fault);
      }
      const tellings: (() => void)[] = [];
      for (const one of batch) tellings.push(await serve(key, [one]));
      return () => {
        for (const tell of tellings) tell();
      };
    }
  }

  async function drain(key: Key, queue: Waiting<Member, Answer>[]): Promise<void> {
    let served = serve(key, queue.splice(0, most));
    for (;;) {
      const tell = await served;
      const next = queue.splice(0, most);
      if (next.length === 0) queues.delete(key);
      else served = serve(key, next);
      // The next batch is on its way first: the database works on it while the answers of this one are sent.
      setImmediate(tell);
      if (next.length === 0) return;
    }
  }

  return (key, member) =>
    new Promise((resolve, reject) => {
      const waiting = { member, resolve, reject };
      const queue = queues.get(key);
      if (queue) {
        queue.push(waiting);
        return;
      }
      const first = [waiting];
      queues.set(key, first);
      // Until the end of this turn, so that requests read from the socket together go out together.
      setImmediate(() => void drain(key, first));
    });
}
