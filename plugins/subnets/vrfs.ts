import type { z } from 'zod';
import {
  assignmentOf,
  commonAssigned,
  commonInserted,
  commonValues,
  type PluginContext,
  type Tx,
} from '#core';
import { subnetErrors } from './errors.ts';
import { chosenVrf, readVrf, type VrfRecord } from './records.ts';
import type { newVrf, vrfPatch } from './schemas.ts';

type Guard = (current: { version: number }) => void;

/** What can be done with VRFs; every write takes a transaction, and a guard that may refuse the version found. */
export interface VrfService {
  get(id: number): Promise<VrfRecord>;
  /** The id of the VRF that a body chose: by id, by name, or `global`; 422 where it names none. */
  chosen(tx: Tx, choice: { vrfId?: number | undefined; vrf?: string | undefined }): Promise<number>;
  create(tx: Tx, input: z.output<typeof newVrf>): Promise<VrfRecord>;
  update(tx: Tx, id: number, patch: z.output<typeof vrfPatch>, guard: Guard): Promise<VrfRecord>;
  remove(tx: Tx, id: number, guard: Guard): Promise<void>;
}

const columns = { name: 'name', rd: 'rd', ...commonAssigned };

/** Makes the service of VRFs. */
export function createVrfService({
  db,
}: Pick<PluginContext<unknown, unknown, unknown, []>, 'db'>): VrfService {
  async function locked(tx: Tx, id: number, guard: Guard): Promise<VrfRecord> {
    await tx.query('SELECT FROM vrf WHERE id = $1 FOR UPDATE', [id]);
    const current = await readVrf(tx.query, id);
    guard(current);
    return current;
  }

  return {
    get: (id) => readVrf(db.query, id),
    chosen: (tx, choice) => chosenVrf(tx.query, choice),
    async create(tx, input) {
      const [row] = await tx.query<{ id: number }>(
        `INSERT INTO vrf (name, rd, ${commonInserted}) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
        [input.name, input.rd, ...commonValues(input)],
      );
      return readVrf(tx.query, (row as { id: number }).id);
    },
    async update(tx, id, patch, guard) {
      const current = await locked(tx, id, guard);
      const { sql, values } = assignmentOf(patch, columns, 2);
      if (sql === '') return current;
      await tx.query(`UPDATE vrf SET ${sql} WHERE id = $1`, [id, ...values]);
      return readVrf(tx.query, id);
    },
    async remove(tx, id, guard) {
      await locked(tx, id, guard);
      const [{ n } = { n: 0 }] = await tx.query<{ n: number }>(
        'SELECT count(*) AS n FROM subnet WHERE vrf_id = $1',
        [id],
      );
      if (n > 0) {
        throw subnetErrors.vrfInUse(`${n} subnets lie in this VRF; delete them first.`, {
          members: { subnets: n },
        });
      }
      await tx.query('DELETE FROM vrf WHERE id = $1', [id]);
    },
  };
}
