import { named, type RecordFact, type RunQuery, recordActions, recordFacts } from '#core';
import type { ScannerContext } from './context.ts';
import { withoutDot } from './words.ts';

interface Observed {
  id: number;
  state: string;
  firstSeen: string | null;
  lastSeen: string | null;
  lastProbed: string;
  mac: string | null;
  ptr: string | null;
  openPorts: number[];
  rttMs: number | null;
}

const observedOf = (table: 'address' | 'discovery') =>
  named(
    `panel_observed_of_${table}`,
    `SELECT r.id, o.state, o.first_seen AS "firstSeen", o.last_seen AS "lastSeen", o.last_probed AS "lastProbed", o.mac, o.ptr,
            o.open_ports AS "openPorts", o.rtt_ms AS "rttMs"
       FROM ${table} r JOIN observation o ON o.vrf_id = r.vrf_id AND o.address = r.address WHERE r.id = ANY ($1::bigint[])`,
  );

/** The first blocks of scans, and how many more there are. */
const blocksOf = named(
  'panel_blocks_of_scans',
  `SELECT scan_id AS id, min(block::text) FILTER (WHERE position = 0) || CASE WHEN count(*) > 1 THEN ' + ' || count(*) - 1 ELSE '' END AS first,
          string_agg(block::text, ', ' ORDER BY position) FILTER (WHERE position < 20)
          || CASE WHEN count(*) > 20 THEN ' + ' || count(*) - 20 ELSE '' END AS all
     FROM scan_block WHERE scan_id = ANY ($1::bigint[]) GROUP BY scan_id`,
);

interface Answer {
  id: number;
  seen: number;
  address: string;
  vrf: string;
  conclusion: string | null;
  macs: string[];
  ptr: string | null;
  openPorts: number[];
}

/** How many answers stand on the page of a scan. */
const mostAnswers = 20;

const answersIn = named(
  'panel_answers_in_scans',
  `SELECT c.id, c.seen, r.address, v.name AS vrf, r.conclusion, r.macs::text[] AS macs, r.ptr, r.open_ports AS "openPorts"
     FROM scan c
    CROSS JOIN LATERAL (SELECT * FROM scan_result WHERE scan_id = c.id AND outcome = 'seen'
                         ORDER BY address, vrf_id LIMIT ${mostAnswers}) r
     JOIN vrf v ON v.id = r.vrf_id
    WHERE c.id = ANY ($1::bigint[]) ORDER BY c.id, r.address, v.name`,
);

/** Who answered in one scan, the lowest addresses first, and where the others are. */
function answerFacts(answers: readonly Answer[]): RecordFact[] {
  const [first] = answers;
  if (!first) return [];
  const isOneVrf = answers.every(({ vrf }) => vrf === first.vrf);
  const facts = answers.map(({ address, vrf, conclusion, macs, ptr, openPorts }): RecordFact => {
    const ports = openPorts.length > 0 ? [`ports ${openPorts.join(' ')}`] : [];
    const what = [...(conclusion ? [conclusion] : []), ...macs, ...(ptr ? [withoutDot(ptr)] : []), ...ports];
    return { label: isOneVrf ? address : `${address}, VRF ${vrf}`, value: what.join(', ') || 'answers' };
  });
  if (first.seen <= answers.length) return facts;
  const rest = `GET /api/v1/scans/${first.id}/results?outcome=seen`;
  return [...facts, { label: `${first.seen - answers.length} more`, value: rest }];
}

function factsOf({
  state,
  firstSeen,
  lastSeen,
  lastProbed,
  mac,
  ptr,
  openPorts,
  rttMs,
}: Observed): RecordFact[] {
  return [
    { label: 'State', value: state, as: 'status' },
    { label: 'MAC', value: mac, as: 'network', where: 'both' },
    { label: 'Host name', value: ptr, where: 'both' },
    { label: 'Open ports', value: openPorts.join(', ') },
    { label: 'Round trip', value: rttMs === null ? null : `${rttMs} ms` },
    { label: 'First seen', value: firstSeen, as: 'time' },
    { label: 'Last seen', value: lastSeen, as: 'time' },
    { label: 'Last asked', value: lastProbed, as: 'time' },
  ];
}

/** Puts onto the panel's pages of addresses and discoveries what was observed, onto those of scans where they asked and who answered, and onto those of subnets a button that scans them. */
export function fillPages({ extend }: Pick<ScannerContext, 'extend'>): void {
  for (const table of ['address', 'discovery'] as const) {
    const statement = observedOf(table);
    extend(recordFacts, {
      table,
      title: 'Observed',
      permission: 'scans:read',
      inLists: table === 'discovery',
      async load(query: RunQuery, ids) {
        const rows = await query<Observed>(statement, [ids]);
        return new Map(rows.map((row) => [row.id, factsOf(row)]));
      },
    });
  }
  extend(recordFacts, {
    table: 'scan',
    title: 'Blocks',
    permission: 'scans:read',
    inLists: true,
    async load(query, ids) {
      const rows = await query<{ id: number; first: string; all: string }>(blocksOf, [ids]);
      return new Map(
        rows.map(({ id, first, all }) => [
          id,
          [
            { label: 'Block', value: first, as: 'network', where: 'list' },
            { label: 'Asked in', value: all, where: 'page' },
          ] as const,
        ]),
      );
    },
  });
  extend(recordFacts, {
    table: 'scan',
    title: 'Who answered',
    permission: 'scans:read',
    async load(query, ids) {
      const answers = Map.groupBy(await query<Answer>(answersIn, [ids]), ({ id }) => id);
      return new Map([...answers].map(([id, each]) => [id, answerFacts(each)]));
    },
  });
  extend(recordActions, {
    table: 'subnet',
    name: 'scan',
    action: {
      label: 'Scan now',
      icon: 'Activity',
      post: '/scans',
      body: ({ id }) => ({ subnetIds: [Number(id)] }),
      fields: ['mode', 'probes', 'ports'],
      says: ({ cidr }) => `Asks who answers in ${cidr}, and tells where that contradicts the register.`,
      leadsTo: 'Scan',
      done: 'The scan is asked for.',
    },
  });
}
