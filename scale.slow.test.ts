import assert from 'node:assert/strict';
import pg from 'pg';
import { allocation, subnets } from '#config/plugins';
import { startTestRegister, type TestRegister } from '#core/testing';
import { fillTo, largeAddresses, layOut } from './bench/harness/large.ts';

const smallAddresses = 10_000;
/** Of the buffers that a request touches on the small register: the indexes of a large one are a few pages deeper. */
const allowed = (small: number) => 1.2 * small + 12;

interface Sent {
  text: string;
  values?: unknown[];
}

describe(`a register of ${largeAddresses.toLocaleString('en')} addresses`, () => {
  let register: TestRegister;
  let database: pg.Client;
  before(async () => {
    register = await startTestRegister([subnets, allocation]);
    // Without the timeouts of the product, for loading.
    database = new pg.Client({ connectionString: register.databaseUrl });
    await database.connect();
    await layOut(database);
  });
  after(async () => {
    await database.end();
    await register.stop();
  });

  /** What a request has the database do, in order; the request itself must leave nothing behind. */
  async function statementsOf(method: 'get' | 'post', path: string, body?: object): Promise<Sent[]> {
    const { prototype } = pg.Client;
    const { query } = prototype;
    const sent: Sent[] = [];
    prototype.query = function (this: pg.Client, ...call: unknown[]) {
      const [first] = call;
      sent.push(typeof first === 'string' ? { text: first } : (first as Sent));
      return Reflect.apply(query, this, call);
    } as never;
    try {
      const client = register.as('engineer');
      const { status, text } = await (method === 'get' ? client.get(path) : client.post(path, body));
      assert.equal(status, 200, `${path} ${text}`);
    } finally {
      prototype.query = query;
    }
    return sent.filter(({ text }) => /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/i.test(text));
  }

  /** How many buffers some statements touch in one transaction that is taken back, those of their functions included. */
  async function buffersOf(statements: readonly Sent[]): Promise<number> {
    const touched: number[] = [];
    // The first time, plans are made and the catalogue is read.
    for (let n = 0; n < 3; n += 1) {
      let sum = 0;
      await database.query('BEGIN');
      for (const { text, values = [] } of statements) {
        const { rows } = await database.query(
          `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${text}`,
          values,
        );
        const { Plan: plan } = rows[0]['QUERY PLAN'][0];
        sum += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
      }
      await database.query('ROLLBACK');
      assert.ok(sum > 0);
      touched.push(sum);
    }
    return Math.min(...touched);
  }

  async function measure(): Promise<Record<string, number>> {
    const get = async (path: string) => (await register.as('engineer').get(path)).body;
    const idOf = async (cidr: string) => (await get(`/subnets?cidr=${cidr}`)).items[0].id;
    const [subnet, six, slash8] = [
      await idOf('10.78.32.0/20'),
      await idOf('2001:db8::/64'),
      await idOf('11.0.0.0/8'),
    ];
    const { nextCursor } = await get('/addresses?address__gte=10.78.32.0&limit=1');
    const [{ id: taken }] = (await get('/addresses?address=10.78.32.3')).items;
    const requests: [what: string, method: 'get' | 'post', path: string, body?: object][] = [
      ['the lowest free address', 'post', `/subnets/${subnet}/allocations?dryRun=true`, {}],
      ['ten at once', 'post', `/subnets/${subnet}/allocations?dryRun=true`, { count: 10 }],
      [
        'an address by name',
        'post',
        `/subnets/${subnet}/allocations?dryRun=true`,
        { address: '10.78.47.250' },
      ],
      ['the lowest free of a /64', 'post', `/subnets/${six}/allocations?dryRun=true`, {}],
      ['a release', 'post', `/addresses/${taken}/release?dryRun=true`],
      [
        'the next /24',
        'post',
        `/subnets/${slash8}/subnet-allocations?dryRun=true`,
        { prefixLength: 24, strategy: 'first' },
      ],
      ['a look-up', 'get', '/lookup/10.78.32.3'],
      ['a look-up of what is free', 'get', '/lookup/10.78.47.250'],
      ['addresses, the first page', 'get', '/addresses?limit=50'],
      ['addresses, a page far down', 'get', `/addresses?limit=50&cursor=${nextCursor}`],
      ['addresses of a block', 'get', '/addresses?limit=50&within=10.78.32.0/30'],
      ['a part of a host name that few have', 'get', '/addresses?limit=50&hostname__contains=quartz'],
      ['a part of a host name that many have', 'get', '/addresses?limit=50&hostname__contains=.net'],
      ['subnets, the fullest first', 'get', '/subnets?limit=50&sort=-utilization'],
      ['what is free in a subnet', 'get', `/subnets/${subnet}/free?limit=1`],
    ];
    const buffers: Record<string, number> = {};
    for (const [what, ...request] of requests)
      buffers[what] = await buffersOf(await statementsOf(...request));
    return buffers;
  }

  it(`has every request touch as much of the database as on a register of ${smallAddresses.toLocaleString('en')}`, async () => {
    await fillTo(database, smallAddresses);
    const small = await measure();
    await fillTo(database, largeAddresses);
    const large = await measure();
    const rows = Object.entries(large).map(([what, buffers]) => ({
      what,
      small: small[what] ?? 0,
      large: buffers,
    }));
    const table = rows.map(({ what, small, large }) => `${large} to ${small}: ${what}`).join('\n');
    if (process.env.SCALE_SHOW) process.stdout.write(`${table}\n`);
    assert.deepEqual(
      rows.filter(({ small, large }) => large > allowed(small)),
      [],
      table,
    );
  }).timeout(1_800_000);

  it('has counters, spans and the tree as they must be', async () => {
    const { rows } = await database.query(
      'SELECT f.* FROM (SELECT array_agg(id) AS ids FROM subnet WHERE id % 50 = 0) s, space_faults(s.ids) f',
    );
    assert.deepEqual(rows, []);
  }).timeout(600_000);
});
