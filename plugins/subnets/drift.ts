import { type JobRun, named, type PluginContext } from '#core';

type Context = Pick<PluginContext<unknown, unknown, unknown, []>, 'transact' | 'db' | 'log'>;

/** Compares what is kept of each subnet with the truth. */
export interface DriftService {
  /** Walks through all subnets, mends what has drifted and logs it; told to end, it goes on there the next time. */
  check(run: Pick<JobRun<unknown>, 'caller' | 'signal'>): Promise<void>;
  /** How many subnets had drifted in the last walk that came to the end, or in the one under way. */
  found(): Promise<number>;
}

/** Subnets of one transaction. */
const chunk = 200;

const next = named(
  'drift_next',
  `SELECT coalesce(array_agg(id ORDER BY id), '{}') AS ids
     FROM (SELECT id FROM subnet WHERE id > (SELECT reached FROM space_check) ORDER BY id LIMIT $1) s`,
);
const look = named('drift_look', 'SELECT vrf_id AS "vrfId", cidr, faults FROM check_space($1)');
const advance = named('drift_advance', 'UPDATE space_check SET reached = $1, found = found + $2');
const finish = named(
  'drift_finish',
  'UPDATE space_check SET reached = 0, drift = found, found = 0, finished_at = now()',
);
const read = named('drift_found', 'SELECT greatest(found, drift) AS drift FROM space_check');

/** Makes the service that looks for drift. */
export function createDriftService({ transact, db, log }: Context): DriftService {
  return {
    async check({ caller, signal }) {
      while (!signal.aborted) {
        const [ahead] = await db.query<{ ids: number[] }>(next, [chunk]);
        const ids = ahead?.ids ?? [];
        if (ids.length === 0) {
          await db.query(finish);
          return;
        }
        const drifted = await transact(caller, async (tx) => {
          const found = await tx.query<{ vrfId: number; cidr: string; faults: string[] }>(look, [ids]);
          await tx.query(advance, [ids.at(-1), found.length]);
          return found;
        });
        for (const { vrfId, cidr, faults } of drifted) {
          log.error(
            { vrf: vrfId, subnet: cidr, faults },
            'the space of a subnet had drifted, and was mended',
          );
        }
      }
    },
    found: async () => {
      const [row] = await db.query<{ drift: number }>(read);
      return Number(row?.drift);
    },
  };
}
