/** Cuts a source into lists of `size`, the last of which may be shorter. */
export async function* batches<T>(source: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  if (Symbol.iterator in source) {
    // Not `for await`, which would wait for each item that is at hand.
    for (const item of source) {
      if (batch.push(item) < size) continue;
      yield batch;
      batch = [];
    }
  } else {
    for await (const item of source) {
      if (batch.push(item) < size) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
