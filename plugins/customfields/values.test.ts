import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { customfields } from './index.ts';

interface Fault {
  code?: string;
  constraint?: string;
  detail?: string;
}

describe('the values of custom fields, whoever writes them', () => {
  let register: TestRegister;
  let psql: pg.Client;
  before(async () => {
    register = await startTestRegister([allocation, customfields]);
    psql = new pg.Client({ connectionString: register.applicationUrl });
    await psql.connect();
  });
  after(async () => {
    await psql.end();
    await register.stop();
  });
  // Nothing that a test does stays.
  beforeEach(() => psql.query('BEGIN'));
  afterEach(() => psql.query('ROLLBACK'));

  async function field(name: string, type: string, more: Record<string, unknown> = {}): Promise<void> {
    const columns = { model: 'vrf', name, type, ...more };
    const names = Object.keys(columns).join(', ');
    const places = Object.keys(columns).map((_, at) => `$${at + 1}`);
    await psql.query(`INSERT INTO custom_field (${names}) VALUES (${places})`, Object.values(columns));
  }
  let made = 0;
  async function insert(values?: object): Promise<{ id: string; custom_fields: Record<string, unknown> }> {
    made += 1;
    const { rows } = values
      ? await psql.query(
          'INSERT INTO vrf (name, custom_fields) VALUES ($1, $2) RETURNING id, custom_fields',
          [`vrf-${made}`, JSON.stringify(values)],
        )
      : await psql.query('INSERT INTO vrf (name) VALUES ($1) RETURNING id, custom_fields', [`vrf-${made}`]);
    return rows[0];
  }
  const kept = async (values?: object) => (await insert(values)).custom_fields;
  async function update(id: string, values: object): Promise<Record<string, unknown>> {
    const { rows } = await psql.query(
      'UPDATE vrf SET custom_fields = $2 WHERE id = $1 RETURNING custom_fields',
      [id, JSON.stringify(values)],
    );
    return rows[0].custom_fields;
  }
  /** The faults of a statement as `name code`; it leaves the transaction as it was before. */
  async function faults(work: () => Promise<unknown>): Promise<string[]> {
    await psql.query('SAVEPOINT attempt');
    try {
      await work();
    } catch (fault) {
      const { constraint, detail } = fault as Fault;
      assert.equal(constraint, 'custom_field_faults', String(fault));
      const told = JSON.parse(detail ?? '') as { path: string; code: string }[];
      return told.map(({ path, code }) => `${path.replace('customFields.', '')} ${code}`);
    } finally {
      await psql.query('ROLLBACK TO SAVEPOINT attempt');
    }
    return [];
  }

  for (const [type, rules, good, bad] of [
    ['text', {}, ['R7', 'Büro 3'], [7, true, '', '  ', 'x'.repeat(2001)]],
    ['text', { pattern: '^R[0-9]+$' }, ['R7'], ['r7', 'R', 'xR7', 'R7\n']],
    ['text', { pattern: '(?i)rack' }, ['a rack', 'RACKS'], ['rock']],
    ['number', {}, [1, 0, -2.5, 9007199254740991], ['1', true, 9007199254740992, 1e300]],
    ['number', { minimum: 1, maximum: 48 }, [1, 47.5, 48], [0.99, 49]],
    ['boolean', {}, [true, false], ['true', 1, 0]],
    ['date', {}, ['2026-02-28', '2028-02-29'], ['2026-02-29', '28.02.2026', '2026-2-1', 'today', 20260228]],
    ['select', { options: ['gold', 'tin'] }, ['gold', 'tin'], ['lead', 'Gold', 1]],
    [
      'url',
      {},
      ['https://wiki.example.net/a?b=c#d', 'ssh://core-1:22'],
      ['wiki.example.net', 'javascript:alert(1)', 'https://', 'https://a b'],
    ],
    [
      'cidr',
      {},
      ['10.0.0.0/8', '2001:db8::/48'],
      ['10.0.0.1/8', '10', '10.1/16', '10.0.0.0/33', 'lab', '::/129'],
    ],
  ] as const) {
    it(`${type} ${JSON.stringify(rules)} takes ${good.join(', ')} and not ${bad.map((b) => String(b).slice(0, 20)).join(', ')}`, async () => {
      await field('it', type, rules);
      for (const value of good) assert.deepEqual(await kept({ it: value }), { it: value });
      for (const value of bad)
        assert.equal((await faults(() => insert({ it: value }))).length, 1, `${value} was taken`);
    });
  }

  it('are kept as the database writes them', async () => {
    await field('net', 'cidr');
    await field('height', 'number');
    assert.deepEqual(await kept({ net: '2001:DB8:0::/48' }), { net: '2001:db8::/48' });
    assert.deepEqual(await kept({ net: '10.0.0.7' }), { net: '10.0.0.7/32' });
    const { rows } = await psql.query(
      `INSERT INTO vrf (name, custom_fields) VALUES ('n', '{"height": 1.500}') RETURNING custom_fields::text AS text`,
    );
    assert.equal(rows[0].text, '{"height": 1.5}');
  });

  it('are refused all at once, each by its name', async () => {
    await field('rack', 'text', { required: true });
    await field('unit', 'number', { maximum: 48 });
    await field('site', 'select', { options: ['A', 'B'] });
    assert.deepEqual(await faults(() => insert({ unit: 49, site: 'C', owner: 'Ada' })), [
      'rack required',
      'unit too-big',
      'site invalid-value',
      'owner unknown-key',
    ]);
  });

  it('of names that nobody defined are refused, also where a model has no fields at all', async () => {
    assert.deepEqual(await faults(() => insert({ owner: 'Ada' })), ['owner unknown-key']);
    assert.deepEqual(await kept({}), {});
    assert.deepEqual(await faults(() => psql.query(`UPDATE vrf SET custom_fields = '{"a": 1}'`)), [
      'a unknown-key',
    ]);
  });

  it('are refused quickly, however many nobody defined', async () => {
    await psql.query(
      `INSERT INTO custom_field (model, name, type) SELECT 'vrf', 'known' || n, 'text' FROM generate_series(1, 50) n`,
    );
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`unknown${n}`, n]));
    await psql.query(`SET LOCAL statement_timeout = '1s'`);
    assert.equal((await faults(() => insert(many))).length, 20);
  });

  it('begin with the default, which a value of one’s own replaces', async () => {
    await field('tier', 'select', { options: ['gold', 'tin'], default_value: '"tin"' });
    await field('checked', 'boolean', { default_value: 'false' });
    assert.deepEqual(await kept(), { tier: 'tin', checked: false });
    assert.deepEqual(await kept({ tier: 'gold' }), { tier: 'gold', checked: false });
    const { id } = await insert();
    assert.deepEqual(await update(id, { checked: true }), { checked: true });
  });

  it('that were required later are asked of new records, and of no old one', async () => {
    await field('owner', 'text');
    const old = await insert();
    const owned = await insert({ owner: 'Ada' });
    await field('rack', 'text', { required: true });
    await psql.query("UPDATE custom_field SET required = true WHERE name = 'owner'");
    assert.deepEqual(await faults(() => insert()), ['owner required', 'rack required']);
    await psql.query("UPDATE vrf SET description = 'as before' WHERE id = $1", [old.id]);
    assert.deepEqual(await update(old.id, { owner: 'Eve' }), { owner: 'Eve' });
    assert.deepEqual(await update(owned.id, { owner: 'Eve' }), { owner: 'Eve' });
    assert.deepEqual(await faults(() => update(owned.id, {})), ['owner required']);
  });

  it('stay as they are where a rule has become stricter since', async () => {
    await field('rack', 'text');
    await field('unit', 'number');
    const { id } = await insert({ rack: 'seven', unit: 60 });
    await psql.query("UPDATE custom_field SET pattern = '^R' WHERE name = 'rack'");
    await psql.query("UPDATE custom_field SET maximum = 48 WHERE name = 'unit'");
    assert.deepEqual(await update(id, { rack: 'R7', unit: 60 }), { rack: 'R7', unit: 60 });
    assert.deepEqual(await faults(() => update(id, { rack: 'seven', unit: 61 })), [
      'rack invalid-format',
      'unit too-big',
    ]);
  });

  it('that are required are not asked of rows that follow from others', async () => {
    await field('rack', 'text', { model: 'address', required: true });
    await field('floor', 'number', { model: 'address', default_value: '3' });
    await psql.query(`INSERT INTO subnet (vrf_id, cidr, gateway) VALUES (1, '10.0.0.0/24', '10.0.0.1')`);
    const { rows } = await psql.query('SELECT custom_fields FROM address');
    assert.deepEqual(rows, [{ custom_fields: { floor: 3 } }]);
  });
});

describe('the definition of a custom field, whoever writes it', () => {
  let register: TestRegister;
  let psql: pg.Client;
  before(async () => {
    register = await startTestRegister([allocation, customfields]);
    psql = new pg.Client({ connectionString: register.applicationUrl });
    await psql.connect();
  });
  after(async () => {
    await psql.end();
    await register.stop();
  });
  beforeEach(() => psql.query('BEGIN'));
  afterEach(() => psql.query('ROLLBACK'));

  const guards = async () =>
    (
      await psql.query(
        `SELECT tgname FROM pg_trigger WHERE tgrelid = 'vrf'::regclass AND tgname LIKE 'custom%' AND tgenabled <> 'D' ORDER BY 1`,
      )
    ).rows.map(({ tgname }) => tgname);
  const indexes = async () =>
    (await psql.query(`SELECT indexname FROM pg_indexes WHERE indexname LIKE '%custom_fields_gin'`)).rows
      .length;

  it('costs a table nothing while there is none, and little until one is required or has a default', async () => {
    const always = ['custom_fields_given', 'custom_fields_updated'];
    assert.deepEqual([await guards(), await indexes()], [always, 0]);
    await psql.query(`INSERT INTO custom_field (model, name, type) VALUES ('vrf', 'rack', 'text')`);
    assert.deepEqual([await guards(), await indexes()], [always, 1]);
    await psql.query(`UPDATE custom_field SET required = true`);
    assert.deepEqual(await guards(), ['custom_fields_due', ...always]);
    await psql.query(`UPDATE custom_field SET required = false, default_value = '"R1"'`);
    assert.deepEqual(await guards(), ['custom_fields_due', ...always]);
    await psql.query(`UPDATE custom_field SET default_value = NULL`);
    assert.deepEqual([await guards(), await indexes()], [always, 1]);
    await psql.query(`DELETE FROM custom_field`);
    assert.deepEqual(await guards(), always);
  });

  it('say themselves which table they are about', async () => {
    await psql.query(
      `INSERT INTO custom_field (model, name, type, of_table) VALUES ('vrf', 'rack', 'text', 'site')`,
    );
    await psql.query(`UPDATE custom_field SET of_table = 'site', label = 'Rack'`);
    const { rows } = await psql.query('SELECT of_table FROM custom_field');
    assert.deepEqual(rows, [{ of_table: 'vrf' }]);
  });

  for (const [pattern, message] of [
    ['[a', /no regular expression: brackets/],
    ['(a)\\1', /refers back/],
    ['a\\\\\\1', /refers back/],
    ['(?=.*(?=.*(?=.*x)))', /looks ahead/],
    ['a\\\\(?<!b)', /looks ahead or behind/],
    ['x'.repeat(201), /200 characters/],
    ['(((a?b?c?d?e?){0,9}){0,9}){0,9}', /too complex/],
  ] as const) {
    it(`is refused with the pattern ${pattern.slice(0, 20)}`, async () => {
      await assert.rejects(
        psql.query(`INSERT INTO custom_field (model, name, type, pattern) VALUES ('vrf', 'it', 'text', $1)`, [
          pattern,
        ]),
        message,
      );
    });
  }

  it('takes patterns that hang others', async () => {
    await psql.query(
      `INSERT INTO custom_field (model, name, type, pattern) VALUES ('vrf', 'it', 'text', '^(([a-z])+.)+[A-Z]([a-z])+$')`,
    );
    await psql.query(`SET LOCAL statement_timeout = '1s'`);
    await assert.rejects(
      psql.query('INSERT INTO vrf (name, custom_fields) VALUES ($1, $2)', [
        'long',
        JSON.stringify({ it: 'a'.repeat(2000) }),
      ]),
      { constraint: 'custom_field_faults' },
    );
  });
});
