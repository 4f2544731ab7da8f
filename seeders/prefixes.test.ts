import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { loadPrefixes, type PrefixLoad } from './prefixes.ts';

const columns = 'prefix,country_code,country';
const rows = [
  '192.0.2.0/25,CH,Switzerland',
  '2001:db8::/29,DE,Germany',
  '2001:db8:8000::/33,DE,Germany',
  '192.0.2.0/24,CH,Switzerland',
  '192.0.2.0/24,FR,"France, again"',
  '198.51.100.128/25,PL,Poland',
];

describe('seeding prefixes', () => {
  let register: TestRegister;
  let folder: string;
  beforeEach(async () => {
    register = await startTestRegister([subnets]);
    folder = await mkdtemp(join(tmpdir(), 'cadastre-prefixes-'));
  });
  afterEach(async () => {
    await register.stop();
    await rm(folder, { recursive: true });
  });

  async function file(
    name: string,
    lines: readonly string[],
    pack = (text: string): string | Buffer => text,
  ) {
    const path = join(folder, name);
    await writeFile(path, pack(`${lines.join('\n')}\n`));
    return path;
  }
  async function load(options: PrefixLoad) {
    const { transact } = register.host;
    const { vrfs } = register.host.api(subnets);
    const { seconds, ...counts } = await loadPrefixes({ transact, vrfs }, testCaller('seed'), options);
    assert.ok(seconds > 0);
    return counts;
  }
  /** Each subnet with its parent, as the database linked them. */
  const links = async () =>
    (
      await register.db.query<{ link: string }>(
        `SELECT concat_ws(' < ', s.cidr, p.cidr) AS link FROM subnet s LEFT JOIN subnet p ON p.id = s.parent_id
          ORDER BY s.cidr`,
      )
    ).map(({ link }) => link);
  const nothing = async () => assert.deepEqual(await links(), []);

  it('makes each prefix an active subnet of its country, under the longest that contains it', async () => {
    const counts = await load({ file: await file('rows.csv', [columns, ...rows]) });
    assert.deepEqual(counts, { read: 6, created: 5, containers: 0, existing: 1 });
    assert.deepEqual(await links(), [
      '192.0.2.0/24',
      '192.0.2.0/25 < 192.0.2.0/24',
      '198.51.100.128/25',
      '2001:db8::/29',
      '2001:db8:8000::/33 < 2001:db8::/29',
    ]);
    const { items } = await register.host.api(subnets).subnets.list({ cidr: '192.0.2.0/24' });
    const [{ name, status, tags, metadata, createdBy, utilization } = assert.fail()] = items;
    assert.deepEqual(
      { name, status, tags, metadata, createdBy, percent: utilization.percent },
      {
        name: 'Switzerland',
        status: 'active',
        tags: ['ch'],
        metadata: { country: 'Switzerland', countryCode: 'CH' },
        createdBy: 'seed',
        percent: 50,
      },
    );
  });

  it('leaves what is there as it is, on a second run and beside subnets of somebody else', async () => {
    const own = await register.as('admin').post('/subnets', { cidr: '192.0.2.0/24', name: 'Mine' });
    const path = await file('rows.csv.gz', [columns, ...rows], gzipSync);
    assert.deepEqual(await load({ file: path }), { read: 6, created: 4, containers: 0, existing: 2 });
    const linked = await links();
    assert.deepEqual(await load({ file: path }), { read: 6, created: 0, containers: 0, existing: 6 });
    assert.deepEqual(await links(), linked);
    const after = await register.as('admin').get(`/subnets/${own.body.id}`);
    assert.deepEqual([after.body.name, after.body.version, after.body.childCount], ['Mine', 1, 1]);
  });

  it('makes the containers that enclose something longer, where a row is not that block itself', async () => {
    const path = await file('rows.csv', [columns, ...rows, '198.51.0.0/16,PL,Poland', '9.0.0.0/8,US,States']);
    const counts = await load({ file: path, containers: true });
    assert.deepEqual(counts, { read: 8, created: 7, containers: 5, existing: 1 });
    assert.deepEqual(await links(), [
      '9.0.0.0/8',
      '192.0.0.0/8',
      '192.0.0.0/16 < 192.0.0.0/8',
      '192.0.2.0/24 < 192.0.0.0/16',
      '192.0.2.0/25 < 192.0.2.0/24',
      '198.0.0.0/8',
      '198.51.0.0/16 < 198.0.0.0/8',
      '198.51.100.128/25 < 198.51.0.0/16',
      '2001::/20',
      '2001:db8::/29 < 2001::/20',
      '2001:db8::/32 < 2001:db8::/29',
      '2001:db8:8000::/33 < 2001:db8::/32',
    ]);
    const statuses = await register.db.query('SELECT DISTINCT cidr FROM subnet WHERE status = $1', [
      'container',
    ]);
    assert.equal(statuses.length, 5);
  });

  it('loads into the VRF that is named', async () => {
    await register.as('admin').post('/vrfs', { name: 'blue' });
    const path = await file('rows.csv', [columns, ...rows]);
    assert.equal((await load({ file: path })).created, 5);
    assert.equal((await load({ file: path, vrf: 'blue' })).created, 5);
    await assert.rejects(load({ file: path, vrf: 'green' }), /There is no VRF "green"/);
  });

  it('names the line of a row that is wrong, and loads nothing', async () => {
    const wrong: [string, RegExp][] = [
      ['10.0.0.5/24,CH,Switzerland', /line 3: .*host bits set; did you mean 10\.0\.0\.0\/24\?/],
      ['10.1/16,CH,Switzerland', /line 3: .*shorthand/],
      ['10.0.0.0/24,Switzerland,CH', /line 3: A country code is two capital letters/],
      ['10.0.0.0/24,CH,', /line 3: The country is missing/],
      ['10.0.0.0/24,CH', /Invalid Record Length.*line 3/],
      ['10.0.0.0/24,CH,"Swi', /Quote Not Closed/],
    ];
    for (const [row, message] of wrong) {
      const path = await file('wrong.csv', [columns, rows[0] as string, row, ...Array(3).fill(rows[1])]);
      await assert.rejects(load({ file: path }), message);
      await nothing();
    }
  });

  it('refuses another header, a broken gzip file and one that is not there', async () => {
    await assert.rejects(
      load({ file: await file('a.csv', ['cidr,country', ...rows]) }),
      /line 1: the columns/,
    );
    await assert.rejects(load({ file: await file('b.csv.gz', [columns, ...rows]) }), /not a whole gzip file/);
    const cut = await file('c.csv.gz', [columns, ...rows], (text) => gzipSync(text).subarray(0, -10));
    await assert.rejects(load({ file: cut }), /not a whole gzip file/);
    await assert.rejects(load({ file: join(folder, 'none.csv') }), /ENOENT/);
    await nothing();
    // The connection that a refused load used serves the next one.
    assert.equal((await load({ file: await file('rows.csv', [columns, ...rows]) })).created, 5);
  });
});
