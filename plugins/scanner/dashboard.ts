import { dashboardCards, named } from '#core';
import type { ScannerContext } from './context.ts';

const openCounts = named(
  'dashboard_inbox',
  `SELECT (SELECT count(*) FROM conflict WHERE state = 'open' AND severity = 'high') AS high,
          (SELECT count(*) FROM conflict WHERE state = 'open' AND severity = 'low') AS low,
          (SELECT count(*) FROM discovery WHERE state = 'open') AS strangers`,
);
const latest = named(
  'dashboard_last_scans',
  `SELECT c.id, c.state, coalesce(c.cidr, b.block)::text || CASE WHEN c.cidr IS NULL AND b.more > 0 THEN ' + ' || b.more ELSE '' END AS block,
          c.seen, c.conflicts, c.discovered, c.created_at AS at
     FROM scan c LEFT JOIN LATERAL (SELECT min(block) AS block, count(*) - 1 AS more FROM scan_block WHERE scan_id = c.id) b ON true
    ORDER BY c.id DESC LIMIT 5`,
);

interface Counts {
  high: number;
  low: number;
  strangers: number;
}
interface Latest {
  id: number;
  state: string;
  block: string | null;
  seen: number;
  conflicts: number;
  discovered: number;
  at: string;
}

/** Puts onto the panel's first page what waits for a decision, and the last scans. */
export function fillDashboard({ db, extend }: Pick<ScannerContext, 'db' | 'extend'>): void {
  extend(dashboardCards, {
    title: 'Inbox',
    permission: 'scans:read',
    width: 'half',
    async load() {
      const [counts] = await db.query<Counts>(openCounts);
      const { high = 0, low = 0, strangers = 0 } = counts ?? {};
      const open = (severity: string) => ({ model: 'Conflict', filter: { state: 'open', severity } });
      return {
        kind: 'figures',
        figures: [
          { label: 'Grave conflicts', value: high, link: open('high') },
          { label: 'Slight conflicts', value: low, link: open('low') },
          {
            label: 'Unregistered',
            value: strangers,
            link: { model: 'Discovery', filter: { state: 'open' } },
          },
        ],
      };
    },
  });
  extend(dashboardCards, {
    title: 'Last scans',
    permission: 'scans:read',
    width: 'half',
    async load() {
      const rows = await db.query<Latest>(latest);
      return {
        kind: 'table',
        columns: [
          { key: 'block', label: 'Block', as: 'network' },
          { key: 'state', label: 'State', as: 'status' },
          { key: 'seen', label: 'Seen' },
          { key: 'conflicts', label: 'Conflicts' },
          { key: 'discovered', label: 'New' },
          { key: 'at', label: 'When', as: 'time' },
        ],
        rows: rows.map(({ id, ...cells }) => ({
          link: { model: 'Scan', id },
          cells: { ...cells, block: cells.block ?? `Scan ${id}` },
        })),
        empty: 'Nothing has been scanned yet. Open a subnet, and press “Scan now”.',
      };
    },
  });
}
