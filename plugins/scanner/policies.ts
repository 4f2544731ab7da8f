import type { z } from 'zod';
import { assignmentOf, kernelErrors, named, type RunQuery, type Tx } from '#core';
import type { ScannerContext } from './context.ts';
import { demandProbes } from './planning.ts';
import { scanProbes } from './probes/probe.ts';
import type { policyPatch, policySchema } from './schemas.ts';

type Policy = z.input<typeof policySchema>;

/** How single subnets are scanned. */
export interface PolicyService {
  get(subnetId: number): Promise<Policy>;
  change(tx: Tx, subnetId: number, patch: z.output<typeof policyPatch>): Promise<Policy>;
}

const read = named(
  'read_scan_policy',
  `SELECT s.id AS "subnetId", p.scan_interval AS "scanInterval", p.probes, p.ports, p.packets_per_second AS "packetsPerSecond",
          p.resolver, host(p.canary) AS canary, p.asked_at AS "askedAt"
     FROM subnet s LEFT JOIN scan_policy p ON p.subnet_id = s.id WHERE s.id = $1`,
);
const begin = named(
  'begin_scan_policy',
  'INSERT INTO scan_policy (subnet_id) SELECT id FROM subnet WHERE id = $1 ON CONFLICT DO NOTHING',
);
const columns = {
  scanInterval: 'scan_interval',
  probes: 'probes',
  ports: 'ports',
  packetsPerSecond: 'packets_per_second',
  resolver: 'resolver',
  canary: 'canary',
};

async function readPolicy(query: RunQuery, subnetId: number): Promise<Policy> {
  const [row] = await query<Policy>(read, [subnetId]);
  if (!row) throw kernelErrors.notFound(`There is no subnet ${subnetId}.`);
  return row;
}

/** Makes the service of policies. */
export function createPolicyService({
  db,
  extensions,
}: Pick<ScannerContext, 'db' | 'extensions'>): PolicyService {
  return {
    get: (subnetId) => readPolicy(db.query, subnetId),
    async change(tx, subnetId, patch) {
      await readPolicy(tx.query, subnetId);
      if (patch.probes)
        demandProbes(
          patch.probes,
          extensions(scanProbes).map(({ name }) => name),
        );
      await tx.query(begin, [subnetId]);
      const { sql, values } = assignmentOf(patch, columns, 2);
      if (sql !== '')
        await tx.query(
          `UPDATE scan_policy SET ${sql}, updated_at = now(), updated_by = current_actor() WHERE subnet_id = $1`,
          [subnetId, ...values],
        );
      return readPolicy(tx.query, subnetId);
    },
  };
}
