// Express alone with a page of subnets: the SQL of the product's list, sent through pg as a person would, and the same JSON.
import express from 'express';
import pg from 'pg';
import { rolledUpSource, subnetFields } from '../../plugins/subnets/listings.ts';

const bigint = 20;
pg.types.setTypeParser(bigint, Number);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 12 });
// `utilization.total` as utilizationTotal.
const aliasOf = (name: string) => name.replace(/\.(\w)/, (_, letter: string) => letter.toUpperCase());
const columns = Object.entries(subnetFields).map(([name, sql]) => `${sql} AS "${aliasOf(name)}"`);
const text = `SELECT ${columns.join(', ')} FROM ${rolledUpSource} ORDER BY s.cidr, s.id LIMIT $1`;

const app = express();
app.get('/page', async (req, res) => {
  const { rows } = await pool.query(text, [req.query.limit]);
  const items = rows.map(
    ({
      utilizationTotal,
      utilizationUsed,
      utilizationReserved,
      utilizationQuarantined,
      utilizationFree,
      utilizationPercent,
      rollupTotal,
      rollupUsed,
      rollupReserved,
      rollupQuarantined,
      rollupFree,
      rollupPercent,
      rollupAsOf,
      ...subnet
    }) => ({
      ...subnet,
      utilization: {
        total: Number(utilizationTotal),
        used: Number(utilizationUsed),
        reserved: Number(utilizationReserved),
        quarantined: Number(utilizationQuarantined),
        free: Number(utilizationFree),
        percent: utilizationPercent,
      },
      rollup: {
        total: Number(rollupTotal),
        used: Number(rollupUsed),
        reserved: Number(rollupReserved),
        quarantined: Number(rollupQuarantined),
        free: Number(rollupFree),
        percent: rollupPercent,
        asOf: rollupAsOf,
      },
    }),
  );
  res.json({ items, nextCursor: null, total: null });
});
app.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');
