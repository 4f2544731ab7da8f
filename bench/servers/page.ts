// Express alone with a page of subnets: the statement of the product's own list, sent through pg as a person would, and the same JSON.
import express from 'express';
import pg from 'pg';
import type { Statement } from '#core';
import { subnetList } from '#plugins/subnets';

const bigint = 20;
pg.types.setTypeParser(bigint, Number);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 12 });

/** What the list would ask the database for a page. */
async function statementFor(limit: number): Promise<string> {
  let text = '';
  await subnetList.run(
    async (statement) => {
      ({ text } = statement as Statement);
      return [];
    },
    { limit },
  );
  return text;
}

const text = await statementFor(Number(process.env.BENCH_LIMIT));
const app = express();
app.get('/page', async (_req, res) => {
  const { rows } = await pool.query(text);
  const items = rows.slice(0, -1).map((row) => {
    const {
      _value,
      _id,
      'utilization.total': total,
      'utilization.used': used,
      'utilization.reserved': reserved,
      'utilization.quarantined': quarantined,
      'utilization.free': free,
      'utilization.percent': percent,
      'rollup.total': rollupTotal,
      'rollup.used': rollupUsed,
      'rollup.reserved': rollupReserved,
      'rollup.quarantined': rollupQuarantined,
      'rollup.free': rollupFree,
      'rollup.percent': rollupPercent,
      'rollup.asOf': asOf,
      ...subnet
    } = row;
    return {
      ...subnet,
      utilization: {
        total: Number(total),
        used: Number(used),
        reserved: Number(reserved),
        quarantined: Number(quarantined),
        free: Number(free),
        percent,
      },
      rollup: {
        total: Number(rollupTotal),
        used: Number(rollupUsed),
        reserved: Number(rollupReserved),
        quarantined: Number(rollupQuarantined),
        free: Number(rollupFree),
        percent: rollupPercent,
        asOf,
      },
    };
  });
  res.json({ items, nextCursor: rows.at(-1)._id, total: null });
});
app.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');
