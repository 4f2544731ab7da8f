import { stopTestServer } from '#core/testing';
import { fillInventory } from './harness/inventory.ts';
import { type Product, startProduct } from './harness/product.ts';
import { Report } from './harness/report.ts';
import { median } from './harness/rounds.ts';

/** Milliseconds that 95 of 100 searches may take at most. */
const goal = 60;
const asked = 100;

/** What people type, each time something else where there is something else; `n` counts. */
const kinds: Readonly<Record<string, (n: number) => string>> = {
  'an address': (n) => `10.${n}.7.66`,
  'an address that nobody has': (n) => `10.${n}.7.99`,
  'an IPv6 address': (n) => `2001:db8:0:${n + 1}::1`,
  'a CIDR': (n) => `10.${n}.7.64/26`,
  'a CIDR with much inside': (n) => `10.${n}.0.0/16`,
  'an IPv6 CIDR': (n) => `2001:db8:0:${n + 1}::/80`,
  'how an address begins': (n) => `10.${n}.`,
  'an interface’s address, with its length': (n) => `10.${n}.7.66/26`,
  'a host name': (n) => `web-${1000 + n}.r${(1000 + n) % 997}.example.net`,
  'the first label of one': (n) => `db-${2000 + n}`,
  'how many host names begin': () => 'web',
  'one letter': (n) => 'abdgw'[n % 5] ?? 'a',
  'a part of a few host names': () => 'quartz',
  'a part of many': (n) => `r${100 + n}.exam`,
  'a part of all': () => 'example.net',
  'digits in many names': (n) => String(300 + n),
  'a MAC address with colons': (n) => mac(n).match(/../g)?.join(':') ?? '',
  'a MAC address with dots': (n) => mac(n).match(/..../g)?.join('.') ?? '',
  'a MAC address without anything': (n) => mac(n).toUpperCase(),
  'a vendor’s MAC addresses': () => '00:1b:21',
  'how a MAC address begins': (n) => mac(n).slice(0, 10).match(/../g)?.join('-') ?? '',
  'a serial number': (n) => serial(n),
  'how serial numbers begin': (n) => serial(n).slice(0, 6),
  'a device': (n) => `sw-${4 * n}.site${(4 * n) % 256}`,
  'a VLAN by its number': (n) => String(100 + n),
  'a VLAN, said to be one': (n) => `vlan ${100 + n}`,
  'a tag of a few': () => 'pci',
  'a tag of half of all': () => 'prod',
  'a tag, said to be one': (n) => `tag:t${n * 10}`,
  'a part of a description': (n) => `order ${5 * n + 5000}`,
  'a word of many descriptions': () => 'delivered',
  'nothing that is there': (n) => `zyxw${n}vut`,
};

const mac = (n: number) => `0004f2${(200 + n).toString(16).padStart(6, '0')}`;
const serial = (n: number) => `FTX${String(((n + 1) * 7919) % 10_000_000).padStart(7, '0')}`;

/** Searches a million addresses, a quarter of a million subnets and 100,000 devices over HTTP, one after the other. */
async function main(): Promise<void> {
  const product = await startProduct();
  const report = new Report('Search', product.postgres);
  try {
    const began = performance.now();
    await fillInventory(product.database);
    report.say(`Filled in ${Math.round((performance.now() - began) / 1000)} s.`);
    report.table(...(await sizes(product)));
    const rows = await answers(product);
    report.table(['GET /search, one connection', 'for example', 'p50 ms', 'p95 ms', 'found'], rows);
    for (const [name, , , p95] of rows) report.goal(`goal over p95 of ${name}`, goal / p95, 1);
    report.end();
  } finally {
    await product.stop();
    await stopTestServer();
  }
}

async function sizes({ database }: Product): Promise<[string[], [string, number][]]> {
  const { rows } = await database.query<{ relname: string; n: number }>(
    `SELECT relname, reltuples::int AS n FROM pg_class
      WHERE relname IN ('address', 'subnet', 'device', 'interface', 'vlan') ORDER BY 2 DESC`,
  );
  return [['searched', 'records'], rows.map(({ relname, n }) => [relname, n])];
}

type Row = [kind: string, example: string, p50: number, p95: number, found: number];

/** Milliseconds from the question to the whole answer. */
async function answers(product: Product): Promise<Row[]> {
  const ask = async (term: string) => {
    const began = performance.now();
    const { items } = await product.call<{ items: unknown[] }>(
      'GET',
      `/search?q=${encodeURIComponent(term)}`,
    );
    return { time: performance.now() - began, found: items.length };
  };
  const rows: Row[] = [];
  for (const [kind, term] of Object.entries(kinds)) {
    for (let n = 0; n < 3; n += 1) await ask(term(n));
    const taken: Awaited<ReturnType<typeof ask>>[] = [];
    for (let n = 0; n < asked; n += 1) taken.push(await ask(term(n)));
    const times = taken.map(({ time }) => time).sort((a, b) => a - b);
    const found = median(taken.map((each) => each.found));
    rows.push([kind, term(0), median(times), times[Math.floor(asked * 0.95)] ?? 0, found]);
  }
  return rows;
}

await main();
