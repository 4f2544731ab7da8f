import { named, type Restorer } from '#core';

const elsewhere = named(
  'blocks_to_restore',
  `SELECT s.id, w.cidr AS block, masklen(s.cidr) = masklen(w.cidr) AS "isMove"
     FROM unnest($1::bigint[], $2::cidr[]) AS w (id, cidr) JOIN subnet s USING (id)
    WHERE s.cidr <> w.cidr ORDER BY masklen(s.cidr), s.cidr LIMIT 1`,
);
const resize = named('restore_resized', 'SELECT FROM resize_subnet($1, $2)');
const renumber = named('restore_renumbered', 'SELECT renumber_subnet($1, $2)');

/** Gives subnets the blocks back that they had, with all that lies in them; the largest first, since what is in it goes along. */
export const blockRestorer: Restorer = {
  table: 'subnet',
  columns: ['cidr'],
  async restore(tx, records) {
    const wanted = [records.map(({ id }) => id), records.map(({ before }) => before.cidr)];
    for (const _ of records) {
      const [next] = await tx.query<{ id: number; block: string; isMove: boolean }>(elsewhere, wanted);
      if (!next) return;
      await tx.query(next.isMove ? renumber : resize, [next.id, next.block]);
    }
  },
};
