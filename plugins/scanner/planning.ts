import { invalidRequest, type Tx } from '#core';
import type { ScannerContext } from './context.ts';
import { scannerErrors } from './errors.ts';
import { scanProbes } from './probes/probe.ts';
import { blocksOfCidr, blocksOfSubnets, insertBlocks, insertScan, noteAsked, policyOf } from './queries.ts';
import type { NewScan } from './schemas.ts';

/** A block that a scan asks in. */
interface Planned {
  subnetId: number;
  vrfId: number;
  block: string;
}

const usualProbes = ['icmp', 'tcp', 'arp', 'dns'];
const usualPorts = [80, 443];

/** Throws 422 where a probe is named that is not there. */
export function demandProbes(probes: readonly string[], known: readonly string[]): void {
  const strange = probes.filter((name) => !known.includes(name));
  if (strange.length === 0) return;
  const message = `There is no probe ${strange.join(', ')}; there are ${known.join(', ') || 'none'}.`;
  throw invalidRequest([{ path: 'body.probes', code: 'unknown-probe', message }]);
}

/** Makes what finds out by what and where a scan asks, and writes that down. */
export function createPlanning(ctx: Pick<ScannerContext, 'extensions' | 'plugins'>) {
  const { plugins } = ctx;

  /** The probes of a scan that names none, or 422 where one is not there. */
  function chosenProbes({ probes }: NewScan, scanMode: 'real' | 'mock'): string[] {
    const known = ctx.extensions(scanProbes).map(({ name }) => name);
    if (!probes) return scanMode === 'mock' ? ['mock'] : usualProbes.filter((name) => known.includes(name));
    demandProbes(probes, scanMode === 'mock' ? [...known, 'mock'] : known);
    return probes;
  }

  /** The same scan with what the policy of its subnet says where it says nothing itself; of several subnets none speaks for all. */
  async function byPolicy(tx: Tx, input: NewScan): Promise<NewScan> {
    const [subnetId, another] = input.subnetIds ?? [];
    if (subnetId === undefined || another !== undefined || input.cidr) return input;
    const [policy] = await tx.query<{ probes: string[] | null; ports: number[] | null }>(policyOf, [
      subnetId,
    ]);
    return {
      ...input,
      probes: input.probes ?? policy?.probes ?? undefined,
      ports: input.ports ?? policy?.ports ?? undefined,
    };
  }

  async function planned(tx: Tx, input: NewScan): Promise<Planned[]> {
    const blocks: Planned[] = [];
    if (input.subnetIds) {
      blocks.push(...(await tx.query<Planned>(blocksOfSubnets, [input.subnetIds])));
      const missing = input.subnetIds.filter((id) => !blocks.some(({ subnetId }) => subnetId === id));
      if (missing.length > 0) {
        const message = `There is no subnet ${missing.join(', ')}.`;
        throw invalidRequest([{ path: 'body.subnetIds', code: 'unknown-subnet', message }]);
      }
    }
    if (input.cidr) {
      const vrfId = await plugins.subnets.vrfs.chosen(tx, input);
      const inside = await tx.query<Planned>(blocksOfCidr, [vrfId, input.cidr]);
      if (inside.length === 0) {
        throw scannerErrors.nothingToScan(
          `No registered subnet lies in ${input.cidr} or holds it; nothing outside of those is scanned.`,
        );
      }
      blocks.push(...inside);
    }
    // What another block holds is asked with it.
    return tx.query<Planned>(
      `SELECT DISTINCT ON (vrf_id, block) subnet_id AS "subnetId", vrf_id AS "vrfId", block
         FROM unnest($1::bigint[], $2::bigint[], $3::cidr[]) AS b (subnet_id, vrf_id, block)
        WHERE NOT EXISTS (SELECT FROM unnest($2::bigint[], $3::cidr[]) AS o (vrf_id, block)
                           WHERE o.vrf_id = b.vrf_id AND o.block >> b.block)
        ORDER BY vrf_id, block`,
      [
        blocks.map(({ subnetId }) => subnetId),
        blocks.map(({ vrfId }) => vrfId),
        blocks.map(({ block }) => block),
      ],
    );
  }

  /** Writes a scan of some blocks down. */
  async function insert(
    tx: Tx,
    input: Omit<NewScan, 'mode' | 'probes'> & { mode: string; probes: readonly string[] },
    blocks: readonly Planned[],
    now: Date,
  ): Promise<number> {
    const [made] = await tx.query<{ id: number }>(insertScan, [
      input.mode,
      input.probes,
      input.ports ?? usualPorts,
      input.priority ?? 0,
      input.subnetIds ?? [],
      input.cidr ?? null,
      input.cidr ? (blocks[0]?.vrfId ?? null) : null,
      now,
    ]);
    const id = (made as { id: number }).id;
    await tx.query(insertBlocks, [
      id,
      blocks.map(({ vrfId }) => vrfId),
      blocks.map(({ subnetId }) => subnetId),
      blocks.map(({ block }) => block),
    ]);
    await tx.query(noteAsked, [blocks.map(({ subnetId }) => subnetId), now]);
    return id;
  }

  return { byPolicy, chosenProbes, planned, insert };
}
