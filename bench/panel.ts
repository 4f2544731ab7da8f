import { stopTestServer } from '#core/testing';
import { settle } from './harness/filled.ts';
import { type Product, startProduct } from './harness/product.ts';
import { Report } from './harness/report.ts';

const goals = { list: 150, deep: 100 };
const asked = 40;
const pages = {
  'the first page': '',
  'page 10,000': 'page=10000',
  'sorted by hostname': 'sortBy=hostname&direction=desc',
  'a part of a hostname': 'filters.hostname=a7f3',
  'a part that all hostnames have': 'filters.hostname=example',
  'a part that no hostname has': 'filters.hostname=zzzz',
  'a block': 'filters.address=10.3.0.0%2F16',
  'the first octets': 'filters.address=10.3.',
  'a status that none has': 'filters.status=quarantined',
  'a MAC': 'filters.mac=00-1A-2B-3C-4D-5E',
  'a tag': 'filters.tags=printer',
};

/** The panel's lists on a million addresses: milliseconds from the question to the whole answer, one after the other. */
async function main(): Promise<void> {
  const product = await startProduct();
  const report = new Report('The panel on a million addresses', product.postgres);
  try {
    await fill(product);
    const cookie = await product.panelSession();
    const rows: [string, number, number][] = [];
    for (const [name, query] of Object.entries(pages)) {
      const times: number[] = [];
      for (let n = 0; n < asked; n += 1) times.push(await timed(product, cookie, query));
      times.sort((a, b) => a - b);
      rows.push([name, times[Math.floor(asked * 0.5)] ?? 0, times[Math.floor(asked * 0.95)] ?? 0]);
    }
    report.table(['GET …/Address/actions/list, 25 a page', 'p50 ms', 'p95 ms'], rows);
    for (const [name, , p95] of rows) {
      const goal = name === 'page 10,000' ? goals.deep : goals.list;
      report.goal(`goal over p95 of ${name}`, goal / p95, 1);
    }
    report.end();
  } finally {
    await product.stop();
    await stopTestServer();
  }
}

async function timed({ url }: Product, cookie: string, query: string): Promise<number> {
  const began = performance.now();
  const answer = await fetch(`${url}/admin/api/resources/Address/actions/list?perPage=25&${query}`, {
    headers: { cookie },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${query}: ${answer.status} ${text.slice(0, 200)}`);
  return performance.now() - began;
}

/** A million addresses in 256 subnets, by SQL: what is measured is reading. */
async function fill(product: Product): Promise<void> {
  const { database } = product;
  await database.query(
    `INSERT INTO subnet (vrf_id, cidr)
       SELECT 1, set_masklen('10.0.0.0'::inet + n * 4096::bigint, 20)::cidr FROM generate_series(0, 255) n`,
  );
  await database.query("SET cadastre.space = 'held'");
  await database.query(
    `INSERT INTO address (vrf_id, subnet_id, address, status, hostname)
       SELECT s.vrf_id, s.id, first_ip(s.cidr) + n, (ARRAY['assigned', 'reserved', 'deprecated'])[1 + n % 3],
              'host-' || md5(s.id::text || n::text) || '.example.net'
         FROM subnet s, generate_series(1, 3906) n`,
  );
  await database.query('RESET cadastre.space');
  await settle(product);
}

await main();
