/** What a piece of work is given: `put` hands out a result, `yieldPlace` lets the next piece begin while this one only waits. */
export interface Piece<O> {
  put(result: O): void;
  yieldPlace(): void;
}

/** At most this many pieces that yielded their place are kept for one that works. */
const waitersPerPlace = 16;

/**
 * Works on `places` items at a time and hands out results as they come. Nothing is read ahead while results wait to be taken, so memory
 * does not grow with the source. What one piece throws ends it all.
 */
export async function* inParallel<I, O>(
  source: AsyncIterable<I> | Iterable<I>,
  places: number,
  work: (item: I, piece: Piece<O>) => Promise<void>,
): AsyncGenerator<O> {
  const items = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let results: O[] = [];
  let working = 0;
  let unsettled = 0;
  let isReading = false;
  let isRead = false;
  let failure: { error: unknown } | undefined;
  let wake = () => {};

  const fail = (error: unknown) => {
    failure ??= { error };
    wake();
  };
  const start = (item: I) => {
    let holdsPlace = true;
    working += 1;
    unsettled += 1;
    const yieldPlace = () => {
      if (!holdsPlace) return;
      holdsPlace = false;
      working -= 1;
      wake();
    };
    const put = (result: O) => {
      results.push(result);
      wake();
    };
    work(item, { put, yieldPlace })
      .catch(fail)
      .finally(() => {
        unsettled -= 1;
        yieldPlace();
        wake();
      });
  };
  const accept = ({ done, value }: IteratorResult<I>) => {
    isReading = false;
    if (done) isRead = true;
    else start(value);
  };
  const fill = () => {
    while (!isReading && !isRead && working < places && unsettled < places * waitersPerPlace) {
      isReading = true;
      const next = items.next();
      if (!(next instanceof Promise)) accept(next);
      else
        next
          .then(accept)
          .catch(fail)
          .finally(() => wake());
    }
  };

  try {
    for (;;) {
      if (failure) throw failure.error;
      fill();
      if (results.length > 0) {
        const taken = results;
        results = [];
        for (const result of taken) yield result; // yield* would wait for each as for a promise
      } else if (isRead && unsettled === 0) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = () => {};
      }
    }
  } finally {
    if (!isRead) void items.return?.();
  }
}
