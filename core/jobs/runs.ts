import { named } from '../db/database.ts';
import type { ConstraintTable } from '../db/failures.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';

export const jobStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

/** How often the workers of one run may die before it is given up: it may be what kills them. */
const mostCrashes = 5;

/** What a broken rule of runs means to a person. */
export const jobConstraints: ConstraintTable = {
  job_run_dedupe: {
    problem: kernelErrors.conflict,
    say: () => 'Another run of this job with the same dedupe key is queued or runs; wait until it has ended.',
  },
};

/** A run as its worker gets it. */
export interface ClaimedRun {
  id: number;
  name: string;
  ticket: string;
  data: unknown;
  attempts: number;
  failures: number;
  mostFailures: number;
  changeId: string;
}

/** A row of a run that has to be handed over to the queue. */
export interface TicketRow {
  name: string;
  id: string;
  priority: number;
  /** Milliseconds from now. */
  delay: number;
}

// Without a target: neither a second run of a key that is under way, nor of an occurrence, is made.
export const insertRun = named(
  'job_run_insert',
  `INSERT INTO job_run (name, data, priority, dedupe_key, due_at, most_failures, actor, change_id, occurrence)
    VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 millisecond', $6, $7, $8, $9)
    ON CONFLICT DO NOTHING RETURNING id`,
);
export const runUnderWay = named(
  'job_run_under_way',
  `SELECT id FROM job_run WHERE name = $1
      AND ((state IN ('queued', 'running') AND dedupe_key = $2) OR occurrence = $3) LIMIT 1`,
);

export const toHandOver = named(
  'job_run_to_hand_over',
  `SELECT name, ticket AS id, priority,
          greatest(0, ceil(extract(epoch FROM due_at - clock_timestamp()) * 1000))::float8 AS delay
     FROM job_run WHERE state = 'queued' AND handed_at IS NULL AND name = ANY ($1) ORDER BY id LIMIT $2`,
);
export const handedOver = named(
  'job_run_handed_over',
  `UPDATE job_run SET handed_at = clock_timestamp()
    WHERE ticket = ANY ($1::uuid[]) AND state = 'queued' AND handed_at IS NULL`,
);
/** What has been due, and with the queue, for longer than $2 ms: looked after, so that nothing waits for a ticket that was lost. */
export const overdue = named(
  'job_run_overdue',
  `UPDATE job_run SET handed_at = clock_timestamp() WHERE id IN (
      SELECT id FROM job_run WHERE state = 'queued' AND name = ANY ($1)
         AND handed_at < clock_timestamp() - $2 * interval '1 millisecond'
         AND due_at < clock_timestamp() - $2 * interval '1 millisecond'
       ORDER BY handed_at LIMIT 200 FOR UPDATE SKIP LOCKED)
    RETURNING name, ticket`,
);
export const handOverAgain = named(
  'job_run_hand_over_again',
  `UPDATE job_run SET ticket = gen_random_uuid(), handed_at = NULL WHERE ticket = ANY ($1::uuid[]) AND state = 'queued'
    RETURNING id`,
);

export const claimRun = named(
  'job_run_claim',
  `UPDATE job_run SET state = 'running', attempts = attempts + 1, started_at = clock_timestamp(), progress_done = 0,
          progress_total = NULL, leased_until = clock_timestamp() + $2 * interval '1 millisecond'
    WHERE ticket = $1 AND state = 'queued'
    RETURNING id, name, ticket, data, attempts, failures, most_failures AS "mostFailures", change_id AS "changeId"`,
);
/** The best of what is due, without a queue. */
export const nextDue = named(
  'job_run_next_due',
  `SELECT ticket, name FROM job_run WHERE state = 'queued' AND due_at <= clock_timestamp() AND name = ANY ($1)
    ORDER BY priority DESC, id LIMIT 1`,
);
/** Renews the claims of what runs here and writes down how far it is; what does not come back is no longer ours. */
export const beatRuns = named(
  'job_run_beat',
  `UPDATE job_run r SET leased_until = clock_timestamp() + $4 * interval '1 millisecond',
          progress_done = b.done, progress_total = b.total
     FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS b (ticket, done, total)
    WHERE r.ticket = b.ticket AND r.state = 'running'
    RETURNING r.ticket, r.cancel_requested_at IS NOT NULL AS cancelled`,
);
/** Ends a run (`done`, `failed`, `cancelled`), or queues it again after $5 ms with a new ticket. */
export const finishRun = named(
  'job_run_finish',
  `UPDATE job_run SET state = $2, error = CASE WHEN $2 = 'done' THEN NULL ELSE coalesce($3, error) END, failures = failures + $4,
          due_at = CASE WHEN $2 = 'queued' THEN clock_timestamp() + $5 * interval '1 millisecond' ELSE due_at END,
          ticket = CASE WHEN $2 = 'queued' THEN gen_random_uuid() ELSE ticket END, handed_at = NULL, leased_until = NULL,
          finished_at = CASE WHEN $2 <> 'queued' THEN clock_timestamp() END,
          progress_done = coalesce($6, progress_done), progress_total = coalesce($7, progress_total)
    WHERE ticket = $1 AND state = 'running' RETURNING state`,
);
/** Runs whose worker has not been heard of: queued again, unless somebody had asked for their end, or they kill their workers. */
export const takeBackDead = named(
  'job_run_take_back',
  `WITH dead AS (SELECT id, ticket FROM job_run WHERE state = 'running' AND leased_until < clock_timestamp()
                  FOR UPDATE SKIP LOCKED),
        fate AS (SELECT id, d.ticket AS spent, CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                                    WHEN crashes >= ${mostCrashes} THEN 'failed' ELSE 'queued' END AS state
                   FROM job_run JOIN dead d USING (id))
   UPDATE job_run r SET state = fate.state, crashes = crashes + 1, leased_until = NULL, handed_at = NULL,
          ticket = gen_random_uuid(), error = 'its worker died or was cut off',
          finished_at = CASE WHEN fate.state <> 'queued' THEN clock_timestamp() END
     FROM fate WHERE r.id = fate.id RETURNING r.id, r.name, r.state, fate.spent`,
);

export const cancelRun = named(
  'job_run_cancel',
  `UPDATE job_run SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
          state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
          finished_at = CASE WHEN state = 'queued' THEN clock_timestamp() END
    WHERE id = $1 AND state IN ('queued', 'running') RETURNING name, ticket, state`,
);
export const retryRun = named(
  'job_run_retry',
  `UPDATE job_run SET state = 'queued', ticket = gen_random_uuid(), handed_at = NULL, due_at = clock_timestamp(), failures = 0,
          crashes = 0, cancel_requested_at = NULL, finished_at = NULL, progress_done = 0, progress_total = NULL
    WHERE id = $1 AND state IN ('failed', 'cancelled') RETURNING id`,
);

/** Deletes 5,000 of the runs that ended long enough ago: what went well or was cancelled after $1 days, what failed after $2. */
export const purgeRuns = named(
  'job_run_purge',
  `WITH old AS (SELECT id FROM job_run
                 WHERE finished_at < now() - $1 * interval '1 day'
                   AND (state <> 'failed' OR finished_at < now() - $2 * interval '1 day')
                 ORDER BY finished_at LIMIT 5000 FOR UPDATE SKIP LOCKED)
   DELETE FROM job_run USING old WHERE job_run.id = old.id RETURNING job_run.id`,
);

/** What waits and what runs, by job; it reads the live runs alone. */
export const liveRuns = named(
  'job_run_live',
  `SELECT name, state, count(*)::int AS runs,
          extract(epoch FROM clock_timestamp() - min(due_at) FILTER (WHERE state = 'queued'))::float8 AS oldest
     FROM job_run WHERE state IN ('queued', 'running') GROUP BY name, state`,
);
export const deadRuns = named(
  'job_run_dead',
  "SELECT name, count(*)::int AS runs FROM job_run WHERE state = 'failed' GROUP BY name",
);
