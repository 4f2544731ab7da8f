import { type JobRun, named, type PluginContext } from '#core';

type Context = Pick<PluginContext<unknown, unknown, unknown, []>, 'db'>;

/** Keeps the sums over branches: what is used in each subnet and in everything below it. */
export interface RollupService {
  /** Adds up the tree what has changed since the last fold; ends early when told to. */
  fold(run: Pick<JobRun<unknown>, 'signal'>): Promise<void>;
}

const begin = named(
  'rollup_begin',
  `SELECT now() AS "began", ARRAY(
      SELECT vrf_id FROM rollup_recompute
       UNION SELECT s.vrf_id FROM rollup_delta d JOIN subnet s ON s.id = d.subnet_id ORDER BY 1) AS vrfs`,
);
const foldVrf = named('rollup_fold', 'SELECT fold_rollup($1) AS done');
const end = named(
  'rollup_end',
  `WITH dropped AS (
      DELETE FROM rollup_delta d WHERE NOT EXISTS (SELECT FROM subnet s WHERE s.id = d.subnet_id)),
    gone AS (DELETE FROM rollup_recompute r WHERE NOT EXISTS (SELECT FROM vrf v WHERE v.id = r.vrf_id))
   UPDATE rollup_state SET as_of = $1 WHERE $2`,
);

/** Makes the service of roll-ups. */
export function createRollupService({ db }: Context): RollupService {
  return {
    async fold({ signal }) {
      const [work] = await db.query<{ began: string; vrfs: number[] }>(begin);
      const { began, vrfs } = work as { began: string; vrfs: number[] };
      let isComplete = true;
      for (const vrf of vrfs) {
        if (signal.aborted) return;
        // Each VRF by itself, a transaction of its own: it holds the tree no longer than that.
        const [folded] = await db.query<{ done: boolean }>(foldVrf, [vrf]);
        isComplete &&= folded?.done === true;
      }
      await db.query(end, [began, isComplete]);
    },
  };
}
