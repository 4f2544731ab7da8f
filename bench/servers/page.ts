// Express alone with a page of subnets: the SQL of the product's list, sent through pg as a person would, and the same JSON.
import express from 'express';
import pg from 'pg';
import { subnetFields, subnetSource } from '../../plugins/subnets/listings.ts';

const bigint = 20;
pg.types.setTypeParser(bigint, Number);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 12 });
const columns = Object.entries(subnetFields).map(([name, sql]) => `${sql} AS "${name.split('.').at(-1)}"`);
const text = `SELECT ${columns.join(', ')} FROM ${subnetSource} ORDER BY s.cidr, s.id LIMIT $1`;

const app = express();
app.get('/page', async (req, res) => {
  const { rows } = await pool.query(text, [req.query.limit]);
  const items = rows.map(({ total, used, reserved, quarantined, free, percent, ...subnet }) => ({
    ...subnet,
    utilization: {
      total: Number(total),
      used: Number(used),
      reserved: Number(reserved),
      quarantined: Number(quarantined),
      free: Number(free),
      percent,
    },
  }));
  res.json({ items, nextCursor: null, total: null });
});
app.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');
