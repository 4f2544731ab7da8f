import { deepStrictEqual } from 'node:assert/strict';
import { stopTestServer } from '#core/testing';
import { type Child, startChild } from './harness/child.ts';
import { settle } from './harness/filled.ts';
import { type Load, run } from './harness/load.ts';
import { type Product, startProduct } from './harness/product.ts';
import { reportProfile } from './harness/profile.ts';
import { Report } from './harness/report.ts';
import { median, Rounds, sample } from './harness/rounds.ts';

const goals = { page: 0.6, include: 0.6, filter: 20 };
const asked = 60;
const atOnce = 100;
const expressServer = new URL('./servers/page.ts', import.meta.url);
const full = 'sort=-utilization';
const questions = {
  'the first page': '',
  'utilization__gt=80, fullest first': `utilization__gt=80&${full}`,
  'q=utilization > 80, fullest first': `q=utilization > 80&${full}`,
  'the same, a page deep inside': `q=utilization > 80&${full}&cursor=`,
  'q in a block, by tag or name':
    'q=cidr within 10.7.0.0/16 and vrf = global and (tag = t7 or name contains "lab 77")',
  'a part of a name': 'name__contains=lab 7777',
  'a tag': 'tag=t7',
  'within a block': 'within=10.7.0.0/16',
  'above an address': 'contains=10.7.7.7',
};

/** A page of subnets with utilisation against Express alone with the same SQL and JSON; questions to a quarter of a million. */
async function main(): Promise<void> {
  const product = await startProduct();
  const report = new Report('Lists of subnets', product.postgres);
  let express: Child | undefined;
  try {
    await fill(product);
    express = await startChild(expressServer, {
      DATABASE_URL: product.databaseUrl,
      BENCH_LIMIT: String(atOnce),
    });
    await pages(report, product, express);
    await answers(report, product);
    await reportProfile(report, 'a page of 100', product, product.load('GET', `/subnets?limit=${atOnce}`));
    report.end();
  } finally {
    await express?.stop();
    await product.stop();
    await stopTestServer();
  }
}

async function pages(report: Report, product: Product, express: Child): Promise<void> {
  const bare: Load = { url: `${express.url}/page` };
  const ours = (query: string): Load => product.load('GET', `/subnets?limit=${atOnce}${query}`);
  deepStrictEqual(await itemsOf(ours('')), await itemsOf(bare));
  const cases = {
    Express: () => sample(express, bare),
    Cadastre: () => sample(product, ours('')),
    'with include=vrf,parent': () => sample(product, ours('&include=vrf,parent')),
    'with fields=id,cidr,name': () => sample(product, ours('&fields=id,cidr,name')),
  };
  for (const load of [bare, ours(''), ours('&include=vrf,parent')]) await run({ ...load, seconds: 2 });
  const rounds = await Rounds.of(cases, 3);
  report.table(
    [`${atOnce} subnets, 32 connections`, 'pages/s', 'to Express', 'server CPU µs', 'p50 ms', 'p95 ms'],
    rounds.names.map((name) => [
      name,
      rounds.of(name, ({ rate }) => rate),
      rounds.ratio(name, 'Express'),
      rounds.of(name, ({ cpu }) => cpu),
      rounds.of(name, ({ p50 }) => p50),
      rounds.of(name, ({ p95 }) => p95),
    ]),
  );
  report.goal('the rate of pages to that of Express alone', rounds.ratio('Cadastre', 'Express'), goals.page);
  report.goal(
    'the rate of pages with includes to that of those without',
    rounds.ratio('with include=vrf,parent', 'Cadastre'),
    goals.include,
  );
}

async function itemsOf({ url, token }: Load): Promise<unknown> {
  const answer = await fetch(url, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  const { items } = (await answer.json()) as {
    items: { createdAt: string; updatedAt: string; rollup: { asOf: string } }[];
  };
  // Express alone has times in milliseconds, as JavaScript does.
  return items.map((item) => ({
    ...item,
    createdAt: new Date(item.createdAt),
    updatedAt: new Date(item.updatedAt),
    rollup: { ...item.rollup, asOf: new Date(item.rollup.asOf) },
  }));
}

/** Milliseconds from the question to the whole answer, one after the other. */
async function answers(report: Report, product: Product): Promise<void> {
  const rows: [string, number, number][] = [];
  for (const [name, question] of Object.entries(questions)) {
    const path = `/subnets?limit=50&${encodeURI(question)}${question.endsWith('cursor=') ? await deepCursor(product) : ''}`;
    const times: number[] = [];
    for (let n = 0; n < asked; n += 1) {
      const began = performance.now();
      await product.call('GET', path);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    rows.push([name, median(times), times[Math.floor(asked * 0.95)] ?? 0]);
  }
  report.table(['GET /subnets of 250,000, 50 a page', 'p50 ms', 'p95 ms'], rows);
  for (const [name, p50] of rows) report.goal(`goal over p50 of ${name}`, goals.filter / p50, 1);
}

async function deepCursor(product: Product): Promise<string> {
  let cursor = '';
  for (let n = 0; n < 10; n += 1) {
    const page = await product.call<{ nextCursor: string }>(
      'GET',
      `/subnets?limit=1000&fields=id&${encodeURI(`q=utilization > 80&${full}`)}${cursor && `&cursor=${cursor}`}`,
    );
    cursor = page.nextCursor;
  }
  return cursor;
}

/** 250,000 subnets below 256 containers, by SQL, with counters as if they were in use: what is measured is reading. */
async function fill(product: Product): Promise<void> {
  const { database } = product;
  await database.query(
    `INSERT INTO subnet (vrf_id, cidr, status, name)
       SELECT 1, set_masklen('10.0.0.0'::inet + n * 65536::bigint, 16)::cidr, 'container', 'site ' || n
         FROM generate_series(0, 255) n`,
  );
  await database.query(
    `INSERT INTO subnet (vrf_id, cidr, name, tags)
       SELECT 1, set_masklen('10.0.0.0'::inet + (n % 256) * 65536::bigint + (n / 256) * 64, 26)::cidr, 'lab ' || n,
              CASE WHEN n % 10 = 0 THEN ARRAY['t' || n % 1000] ELSE '{}' END
         FROM generate_series(0, 249999) n`,
  );
  await database.query(
    'UPDATE subnet_usage SET taken = trunc(total * mod(subnet_id * 7919, 1000) / 1000) WHERE child_count = 0',
  );
  await settle(product);
}

await main();
