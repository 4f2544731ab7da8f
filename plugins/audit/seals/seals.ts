import type { Log, RunQuery, Sealer, Transact } from '#core';
import { createMonths } from './months.ts';
import { sealLag } from './queries.ts';
import { createSealing } from './sealing.ts';
import { createVerifying } from './verifying.ts';

interface Parts {
  sealer: Sealer | undefined;
  transact: Transact;
  log: Log;
  db: { query: RunQuery };
}

/** Makes what seals the log, verifies it, and keeps its months. */
export function createSeals({ sealer, transact, log, db: { query } }: Parts) {
  return {
    seal: createSealing({ sealer, transact, log }),
    verify: createVerifying({ query, sealer }),
    keepMonths: createMonths(transact, log),
    /** How long the oldest row that is not sealed has waited for it, in seconds; 0 where there is none. */
    async lag(): Promise<number> {
      const [row] = await query<{ seconds: number }>(sealLag);
      return row?.seconds ?? 0;
    },
  };
}

export type Seals = ReturnType<typeof createSeals>;
