import { named } from '#core';

/** What is swept of some subnets, as they are now. */
export const blocksOfSubnets = named(
  'scan_blocks_of_subnets',
  'SELECT id AS "subnetId", vrf_id AS "vrfId", cidr AS block FROM subnet WHERE id = ANY ($1::bigint[]) ORDER BY vrf_id, cidr',
);

/** The same of a block: itself where a subnet holds it, else the topmost subnets inside. */
export const blocksOfCidr = named(
  'scan_blocks_of_cidr',
  `WITH holder AS (SELECT id, vrf_id, $2::cidr AS block FROM subnet WHERE vrf_id = $1 AND cidr >>= $2
                    ORDER BY masklen(cidr) DESC LIMIT 1)
   SELECT id AS "subnetId", vrf_id AS "vrfId", block FROM holder
   UNION ALL
   SELECT s.id, s.vrf_id, s.cidr FROM subnet s LEFT JOIN subnet p ON p.id = s.parent_id
    WHERE s.vrf_id = $1 AND s.cidr << $2 AND NOT coalesce(p.cidr <<= $2, false) AND NOT EXISTS (SELECT FROM holder)
    ORDER BY 3`,
);

/** IPv6 is swept where it has no more addresses than this prefix length leaves. */
const shortestSweep = 116;

export const insertScan = named(
  'insert_scan',
  `INSERT INTO scan (mode, probes, ports, priority, subnet_ids, cidr, vrf_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
);
// The addresses of hosts alone are counted where the block is a whole subnet: the others are left out when their turn comes.
export const insertBlocks = named(
  'insert_scan_blocks',
  `WITH block AS (
      INSERT INTO scan_block (scan_id, position, vrf_id, subnet_id, block, is_swept)
        SELECT $1, b.position - 1, b.vrf_id, b.subnet_id, b.block, family(b.block) = 4 OR masklen(b.block) >= ${shortestSweep}
          FROM unnest($2::bigint[], $3::bigint[], $4::cidr[]) WITH ORDINALITY AS b (vrf_id, subnet_id, block, position)
        RETURNING *)
   UPDATE scan SET total = (
      SELECT coalesce(sum(CASE WHEN NOT b.is_swept THEN (SELECT count(*) FROM address a
                 WHERE a.vrf_id = b.vrf_id AND a.address BETWEEN first_ip(b.block) AND last_ip(b.block) AND a.status <> 'free')
               WHEN s.cidr = b.block THEN span_size(first_usable(s.cidr, s.allow_network_and_broadcast),
                                                    last_usable(s.cidr, s.allow_network_and_broadcast))
               ELSE span_size(first_ip(b.block), last_ip(b.block)) END), 0)
        FROM block b JOIN subnet s ON s.id = b.subnet_id)
    WHERE id = $1`,
);
export const keepRun = named('scan_job', 'UPDATE scan SET job_run_id = $2 WHERE id = $1');

export const scanToRun = named(
  'scan_to_run',
  `SELECT id, state, mode, probes, ports, priority, block_at AS "blockAt", reached, done, total
     FROM scan WHERE id = $1 FOR UPDATE`,
);
/** Another run that is under way in one of the blocks. */
export const runInTheWay = named(
  'scan_in_the_way',
  `SELECT other.scan_id AS id FROM scan_block mine
     JOIN scan_block other ON other.vrf_id = mine.vrf_id AND other.block && mine.block
    WHERE mine.scan_id = $1 AND other.scan_id <> $1 AND other.is_active LIMIT 1`,
);
export const activate = named(
  'activate_scan',
  'UPDATE scan_block SET is_active = true WHERE scan_id = $1 AND NOT is_active',
);
export const beginScan = named(
  'begin_scan',
  "UPDATE scan SET state = 'running', started_at = coalesce(started_at, $2) WHERE id = $1",
);
/** Where the scan goes on: the next addresses of its block, and what the register and the policies say of asking them. */
export const nextBlock = named(
  'next_scan_block',
  `SELECT b.position, b.vrf_id AS "vrfId", b.subnet_id AS "subnetId", b.block, b.is_swept AS "isSwept",
          p.packets_per_second AS "packetsPerSecond", p.resolver
     FROM scan_block b LEFT JOIN scan_policy p ON p.subnet_id = b.subnet_id
    WHERE b.scan_id = $1 AND b.position = $2`,
);
/** The last address of the next $3 of a block that is swept behind $2, and whether that is its end. */
export const nextRun = named(
  'next_scan_run',
  `SELECT low.address AS first, high.address AS last, high.address = last_ip($1) AS "isLast"
     FROM (SELECT coalesce($2::inet + 1, first_ip($1::cidr)) AS address) low
    CROSS JOIN LATERAL (SELECT CASE WHEN last_ip($1) - low.address >= $3 THEN low.address + ($3 - 1) ELSE last_ip($1) END AS address) high`,
);
/** The next $4 addresses of a block that somebody knows: registered, or seen once. */
export const nextKnown = named(
  'next_known_addresses',
  `SELECT address FROM (
      SELECT address FROM address WHERE vrf_id = $1 AND ($3::inet IS NULL OR address > $3)
         AND address BETWEEN first_ip($2) AND last_ip($2) AND status <> 'free'
      UNION
      SELECT address FROM observation WHERE vrf_id = $1 AND ($3::inet IS NULL OR address > $3)
         AND address BETWEEN first_ip($2) AND last_ip($2)) known
    ORDER BY address LIMIT $4`,
);
const ofHosts = `CROSS JOIN LATERAL (SELECT longest_match($1, t.address) AS id OFFSET 0) home
     JOIN subnet s ON s.id = home.id
     LEFT JOIN address a ON a.vrf_id = $1 AND a.address = t.address
     LEFT JOIN interface i ON i.id = a.interface_id
    WHERE t.address BETWEEN first_usable(s.cidr, s.allow_network_and_broadcast) AND last_usable(s.cidr, s.allow_network_and_broadcast)
      AND NOT t.address <<= ANY ($2::inet[])`;
const asTarget = `t.address, family(t.address) AS family, coalesce(a.status, 'free') <> 'free' AS "isRegistered",
          coalesce(a.mac, i.mac) AS mac`;
/** Whom to ask from $3 to $4: addresses of hosts in registered subnets that nobody has denied. */
export const targetsOfRun = named(
  'scan_targets_of_run',
  `SELECT ${asTarget}
     FROM (SELECT $3::inet + n AS address FROM generate_series(0, $4::inet - $3::inet) n) t ${ofHosts} ORDER BY t.address`,
);
/** The same of some addresses. */
export const targetsOf = named(
  'scan_targets_of',
  `SELECT ${asTarget} FROM unnest($3::inet[]) AS t (address) ${ofHosts} ORDER BY t.address`,
);
/** What the register and former scans say of some addresses, and of the subnets that they lie in. */
export const factsOf = named(
  'scan_facts_of',
  `SELECT t.address, s.id AS "subnetId", a.id AS "addressId", a.status, a.role, a.hostname, a.mac, a.device_id AS "deviceId",
          a.interface_id AS "interfaceId", o.state AS "wasState", o.misses AS "wasMisses", o.first_seen IS NOT NULL AS "wasSeen",
          CASE WHEN i.mac IS NOT NULL THEN ARRAY[i.mac]::text[]
               ELSE ARRAY(SELECT each.mac::text FROM interface each
                           WHERE each.device_id = a.device_id AND a.interface_id IS NULL AND each.mac IS NOT NULL) END AS "holderMacs"
     FROM unnest($2::inet[]) AS t (address)
    CROSS JOIN LATERAL (SELECT longest_match($1, t.address) AS id OFFSET 0) home
     JOIN subnet s ON s.id = home.id
     LEFT JOIN address a ON a.vrf_id = $1 AND a.address = t.address
     LEFT JOIN interface i ON i.id = a.interface_id
     LEFT JOIN observation o ON o.vrf_id = $1 AND o.address = t.address`,
);
/** Who answers in some subnets whenever they can be reached, and whether they were seen to. */
export const canariesOf = named(
  'scan_canaries_of',
  `SELECT s.id AS "subnetId", s.cidr, s.vrf_id AS "vrfId", c.address, o.first_seen IS NOT NULL AS "wasSeen"
     FROM subnet s LEFT JOIN scan_policy p ON p.subnet_id = s.id
    CROSS JOIN LATERAL (SELECT coalesce(p.canary, s.gateway) AS address) c
     LEFT JOIN observation o ON o.vrf_id = s.vrf_id AND o.address = c.address
    WHERE s.id = ANY ($1::bigint[])`,
);

export const insertResults = named(
  'insert_scan_results',
  `INSERT INTO scan_result (scan_id, vrf_id, subnet_id, address, outcome, conclusion, macs, ptr, open_ports, rtt_ms, error)
   SELECT $1, $2, r."subnetId", r.address, r.outcome, r.conclusion, r.macs, r.ptr, r."openPorts", r."rttMs", r.error
     FROM jsonb_to_recordset($3) AS r ("subnetId" bigint, address inet, outcome text, conclusion text, macs macaddr[], ptr text,
                                       "openPorts" int[], "rttMs" real, error text)
    ORDER BY r.address`,
);
export const keepObservations = named(
  'keep_observations',
  `INSERT INTO observation AS o (vrf_id, address, state, misses, first_probed, last_probed, first_seen, last_seen, mac, ptr,
                                 open_ports, rtt_ms)
   SELECT $1, r.address, r.state, r.misses, $3, $3, r.seen, r.seen, r.mac, r.ptr, r."openPorts", r."rttMs"
     FROM (SELECT *, CASE WHEN outcome = 'seen' THEN $3::timestamptz END AS seen
             FROM jsonb_to_recordset($2) AS r (address inet, outcome text, state text, misses int, mac macaddr, ptr text,
                                               "openPorts" int[], "rttMs" real)) r
    ORDER BY r.address
   ON CONFLICT (address, vrf_id) DO UPDATE SET
     state = EXCLUDED.state, misses = EXCLUDED.misses, last_probed = EXCLUDED.last_probed,
     first_seen = coalesce(o.first_seen, EXCLUDED.first_seen), last_seen = coalesce(EXCLUDED.last_seen, o.last_seen),
     mac = coalesce(EXCLUDED.mac, o.mac),
     ptr = CASE WHEN EXCLUDED.last_seen IS NULL THEN o.ptr ELSE EXCLUDED.ptr END,
     open_ports = CASE WHEN EXCLUDED.last_seen IS NULL THEN o.open_ports ELSE EXCLUDED.open_ports END,
     rtt_ms = coalesce(EXCLUDED.rtt_ms, o.rtt_ms)`,
);
export const advance = named(
  'advance_scan',
  `UPDATE scan SET block_at = $2, reached = $3, done = done + $4 + $5 + $6, total = greatest(total, done + $4 + $5 + $6),
          seen = seen + $4, missed = missed + $5, unknown = unknown + $6, conflicts = conflicts + $7, discovered = discovered + $8
    WHERE id = $1`,
);
export const noteUnreachable = named(
  'note_unreachable',
  'UPDATE scan SET unreachable = unreachable || $2::bigint WHERE id = $1 AND NOT $2::bigint = ANY (unreachable) RETURNING id',
);
/** Whether a subnet could not be reached in the last scan before one that has something to say of that. */
export const formerOutage = named(
  'scan_former_outage',
  `SELECT former."isOutage" FROM subnet s JOIN subnet above ON above.vrf_id = s.vrf_id AND above.cidr >>= s.cidr
    CROSS JOIN LATERAL (
      SELECT c.id, s.id = ANY (c.unreachable) AS "isOutage" FROM scan_block b JOIN scan c ON c.id = b.scan_id
       WHERE b.subnet_id = above.id AND b.scan_id < $1 AND b.block && s.cidr
         AND (s.id = ANY (c.unreachable)
              OR EXISTS (SELECT FROM scan_result r WHERE r.scan_id = c.id AND r.vrf_id = s.vrf_id AND r.outcome = 'seen'
                            AND r.subnet_id = s.id AND r.address BETWEEN first_ip(s.cidr) AND last_ip(s.cidr)))
       ORDER BY b.scan_id DESC LIMIT 1) former
    WHERE s.id = $2 ORDER BY former.id DESC LIMIT 1`,
);
/** Ends a run that has not ended; one that is done has done all there was. */
export const endScan = named(
  'end_scan',
  `UPDATE scan SET state = $2, error = $3, finished_at = $4, total = CASE WHEN $2 = 'done' THEN done ELSE total END
    WHERE id = $1 AND state IN ('queued', 'running')
    RETURNING id, state, seen, missed, unknown, conflicts, discovered, error, job_run_id AS "jobRunId"`,
);
export const deactivate = named(
  'deactivate_scan',
  'UPDATE scan_block SET is_active = false WHERE scan_id = $1 AND is_active',
);
/** Runs that have not ended, or whose blocks are still kept, and their jobs. */
export const unfinished = named(
  'unfinished_scans',
  `SELECT id, state, job_run_id AS "jobRunId" FROM scan c
    WHERE state IN ('queued', 'running') OR EXISTS (SELECT FROM scan_block b WHERE b.scan_id = c.id AND b.is_active) ORDER BY id`,
);
export const purgeScans = named(
  'purge_scans',
  `DELETE FROM scan WHERE id IN (SELECT id FROM scan WHERE finished_at < $1 ORDER BY finished_at LIMIT 20)
    RETURNING id`,
);
/** Subnets whose interval is over since a scan was last asked for, and that none is under way in or waiting for. */
export const dueSubnets = named(
  'due_subnets',
  `SELECT p.subnet_id AS "subnetId" FROM scan_policy p
    WHERE p.scan_interval IS NOT NULL
      AND (p.asked_at IS NULL OR p.asked_at <= $1::timestamptz - make_interval(secs => p.scan_interval))
      AND NOT EXISTS (SELECT FROM scan_block b JOIN scan c ON c.id = b.scan_id
                       WHERE b.subnet_id = p.subnet_id AND c.state IN ('queued', 'running'))
    ORDER BY p.subnet_id`,
);
export const policyOf = named('scan_policy_of', 'SELECT probes, ports FROM scan_policy WHERE subnet_id = $1');
export const noteAsked = named(
  'note_scan_asked',
  'UPDATE scan_policy SET asked_at = $2 WHERE subnet_id = ANY ($1::bigint[])',
);
