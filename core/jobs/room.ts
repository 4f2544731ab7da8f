/** Lets so many in at once; the others wait, first come, first served. */
export interface Room {
  /** Does something as soon as there is room for it. */
  inside<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes a room for `size` at once. */
export function createRoom(size: number): Room {
  let free = size;
  const waiting: (() => void)[] = [];
  return {
    async inside(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((enter) => waiting.push(enter));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
