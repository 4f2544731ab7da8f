import { named } from '#core';

/** Writes a delivery for everyone who wants to be told of an event; answers whom. */
export const writeDeliveries = named(
  'delivery_write',
  `INSERT INTO delivery (notifier_id, event, summary, payload, actor, change_id)
     SELECT id, $1, $2, $3::jsonb, $4, $5 FROM notifier WHERE enabled AND $1 = ANY (events)
   RETURNING notifier_id AS "notifierId"`,
);
/** The same for one, whatever it listens to. */
export const writeDelivery = named(
  'delivery_write_one',
  `INSERT INTO delivery (notifier_id, event, summary, payload, actor, change_id)
     VALUES ($6, $1, $2, $3::jsonb, $4, $5) RETURNING id`,
);

/**
 * Begins attempts at the $2 deliveries of a notifier that have been due longest, unless it is disabled or rests. They come back after
 * $3 ms, should we die. $4: the most attempts.
 */
export const claimDeliveries = named(
  'delivery_claim',
  `WITH due AS (
     SELECT d.id FROM delivery d
      WHERE d.notifier_id = $1 AND d.state = 'pending' AND d.due_at <= clock_timestamp() AND d.attempts < $4
        AND NOT EXISTS (SELECT FROM notifier_rest r WHERE r.notifier_id = $1 AND r.until > clock_timestamp())
      ORDER BY d.due_at, d.id LIMIT $2 FOR UPDATE SKIP LOCKED)
   UPDATE delivery d SET attempts = attempts + 1, attempted_at = clock_timestamp(),
          due_at = clock_timestamp() + $3 * interval '1 millisecond'
     FROM due, notifier n
    WHERE d.id = due.id AND n.id = d.notifier_id AND n.enabled
   RETURNING d.id, d.attempts, d.event, d.summary, d.payload, d.actor, d.change_id AS "changeId", d.created_at AS at,
             n.kind, n.settings, n.secrets,
             EXISTS (SELECT FROM notifier_rest r WHERE r.notifier_id = n.id) AS "hasRested"`,
);
/** Ends an attempt: `delivered`, `failed`, or `pending` for $6 ms. */
export const endAttempt = named(
  'delivery_end',
  `UPDATE delivery SET state = $3, response_status = $4, error = $5,
          due_at = clock_timestamp() + $6 * interval '1 millisecond',
          finished_at = CASE WHEN $3 <> 'pending' THEN clock_timestamp() END
    WHERE id = $1 AND attempts = $2 AND state = 'pending' RETURNING notifier_id AS "notifierId"`,
);
/** Takes an attempt back that was cut off by our own end. */
export const giveBack = named(
  'delivery_give_back',
  `UPDATE delivery SET attempts = attempts - 1, due_at = clock_timestamp()
    WHERE id = $1 AND attempts = $2 AND state = 'pending'`,
);

/** Lets a notifier rest for $2 ms, twice as long each time, $3 at most; of several that fail at once, the first counts. */
export const letRest = named(
  'notifier_rest',
  `INSERT INTO notifier_rest AS r (notifier_id, until)
     SELECT id, clock_timestamp() + $2 * interval '1 millisecond' FROM notifier WHERE id = $1
   ON CONFLICT (notifier_id) DO UPDATE SET failures = r.failures + 1,
     until = clock_timestamp() + least($3, greatest($2, $4 * 2 ^ least(r.failures, 20))) * interval '1 millisecond'
     WHERE r.until <= clock_timestamp()
   RETURNING ceil(extract(epoch FROM until - clock_timestamp()) * 1000)::float8 AS pause`,
);
export const endRest = named('notifier_rest_end', 'DELETE FROM notifier_rest WHERE notifier_id = $1');

export const sendAgain = named(
  'delivery_send_again',
  `UPDATE delivery SET state = 'pending', attempts = 0, due_at = clock_timestamp(), finished_at = NULL,
          error = NULL, response_status = NULL
    WHERE id = $1 RETURNING notifier_id AS "notifierId"`,
);

/** Who has something due that nobody has taken up. */
export const overdue = named(
  'delivery_overdue',
  `SELECT DISTINCT d.notifier_id AS "notifierId" FROM delivery d
     JOIN notifier n ON n.id = d.notifier_id AND n.enabled
     LEFT JOIN notifier_rest r ON r.notifier_id = n.id
    WHERE d.state = 'pending' AND d.due_at <= clock_timestamp() AND coalesce(r.until <= clock_timestamp(), true)`,
);
/** Gives up what has been tried $1 times, or is older than $2 hours. */
export const giveUp = named(
  'delivery_give_up',
  `UPDATE delivery SET state = 'failed', finished_at = clock_timestamp(),
          error = coalesce(error, 'It could not be tried in time.')
    WHERE state = 'pending' AND due_at <= clock_timestamp()
      AND (attempts >= $1 OR created_at < clock_timestamp() - $2 * interval '1 hour')`,
);
export const purgeDeliveries = named(
  'delivery_purge',
  `DELETE FROM delivery WHERE id IN (
     SELECT id FROM delivery WHERE finished_at < clock_timestamp() - $1 * interval '1 day'
      ORDER BY finished_at LIMIT 5000 FOR UPDATE SKIP LOCKED) RETURNING id`,
);
