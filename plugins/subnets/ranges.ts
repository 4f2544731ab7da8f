import type { z } from 'zod';
import {
  assignmentOf,
  commonAssigned,
  commonInserted,
  commonValues,
  type FieldError,
  invalidRequest,
  type PluginContext,
  type Tx,
} from '#core';
import { readAnyIp } from './domain/address.ts';
import type { subnetEvents } from './events.ts';
import type { newRange, rangePatch } from './range-schemas.ts';
import { chosenVrf, type RangeRecord, readRange } from './records.ts';

type Guard = (current: { version: number }) => void;
type Context = Pick<PluginContext<unknown, unknown, typeof subnetEvents, []>, 'db' | 'emit'>;

/** What can be done with ranges of addresses. */
export interface RangeService {
  get(id: number): Promise<RangeRecord>;
  create(tx: Tx, input: z.output<typeof newRange>): Promise<RangeRecord>;
  update(tx: Tx, id: number, patch: z.output<typeof rangePatch>, guard: Guard): Promise<RangeRecord>;
  remove(tx: Tx, id: number, guard: Guard): Promise<void>;
}

const columns = {
  start: 'start_ip',
  end: 'end_ip',
  purpose: 'purpose',
  allocatable: 'allocatable',
  countAsUsed: 'count_as_used',
  ...commonAssigned,
};
const insert = {
  name: 'insert_range',
  text: `INSERT INTO ip_range (vrf_id, start_ip, end_ip, purpose, allocatable, count_as_used, ${commonInserted})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
};

/** Makes the service of ranges. What they mean for free space and counters follows by the triggers of migrations/subnets. */
export function createRangeService({ db, emit }: Context): RangeService {
  /** The tree first, as everybody who changes what subnets own; then the row. */
  async function locked(tx: Tx, id: number, guard: Guard): Promise<RangeRecord> {
    await tx.query('SELECT lock_tree(vrf_id) FROM ip_range WHERE id = $1', [id]);
    await tx.query('SELECT FROM ip_range WHERE id = $1 FOR UPDATE', [id]);
    const current = await readRange(tx.query, id);
    guard(current);
    return current;
  }

  const announced = ({ id, vrfId, start, end }: RangeRecord) => ({ id, vrfId, start, end });

  return {
    get: (id) => readRange(db.query, id),

    async create(tx, input) {
      demandOrder(input.start, input.end);
      const vrfId = await chosenVrf(tx.query, input);
      const [row] = await tx.query<{ id: number }>(insert, [
        vrfId,
        input.start,
        input.end,
        input.purpose,
        input.allocatable ?? input.purpose === 'pool',
        input.countAsUsed ?? input.purpose === 'dhcp',
        ...commonValues(input),
      ]);
      const range = await readRange(tx.query, (row as { id: number }).id);
      await emit(tx, 'range.created', announced(range));
      return range;
    },

    async update(tx, id, patch, guard) {
      const current = await locked(tx, id, guard);
      demandOrder(patch.start ?? current.start, patch.end ?? current.end);
      const { sql, values } = assignmentOf(patch, columns, 2);
      if (sql === '') return current;
      await tx.query(`UPDATE ip_range SET ${sql} WHERE id = $1`, [id, ...values]);
      const range = await readRange(tx.query, id);
      await emit(tx, 'range.updated', announced(range));
      return range;
    },

    async remove(tx, id, guard) {
      const range = await locked(tx, id, guard);
      await tx.query('DELETE FROM ip_range WHERE id = $1', [id]);
      await emit(tx, 'range.deleted', announced(range));
    },
  };
}

/** 422 where a range ends before it starts, or in the other family. */
function demandOrder(start: string, end: string): void {
  const [from, to] = [readAnyIp(start), readAnyIp(end)];
  if (!from.ok || !to.ok) return;
  const fault = (code: string, message: string): FieldError => ({ path: 'body.end', code, message });
  if (from.value.family !== to.value.family) {
    throw invalidRequest([
      fault('other-family', `${end} is not of the same family as ${start}; a range is of one.`),
    ]);
  }
  if (to.value.value < from.value.value) {
    throw invalidRequest([
      fault('end-before-start', `${end} comes before ${start}; did you mean ${end} to ${start}?`),
    ]);
  }
}
