import { named, type RunQuery } from '#core';

// A transaction that has a number waits at its commit until everything before it in the log is on disk, too.
const flushWal = named('flush_wal', 'SELECT pg_current_xact_id()');

/** Makes what brings to disk all that was committed so far; who asks while that is under way waits for the next time. */
export function createFlush(query: RunQuery): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function flush(): Promise<void> {
    if (!underWay) {
      underWay = query(flushWal).then(() => undefined);
      const over = () => {
        underWay = undefined;
      };
      underWay.then(over, over);
      return underWay;
    }
    next ??= underWay.then(nextFlush, nextFlush);
    return next;
  }

  function nextFlush(): Promise<void> {
    next = undefined;
    return flush();
  }

  return flush;
}
