import assert from 'node:assert/strict';
import { Filter, ValidationError } from 'adminjs';
import { startTestPanel, type TestPanel } from '../testing/resources.ts';
import { circuits } from '../testing/throwaway.ts';

describe('a plugin that says nothing about the panel', () => {
  let panel: TestPanel;
  before(async () => {
    panel = await startTestPanel([circuits]);
  });
  after(() => panel.register.stop());

  /** The faults beside the fields that a write ends with. */
  async function faults(write: Promise<unknown>): Promise<Record<string, string>> {
    const fault = await write.then(
      () => assert.fail('It was accepted.'),
      (thrown: unknown) => thrown,
    );
    assert.ok(fault instanceof ValidationError, String(fault));
    return Object.fromEntries(
      Object.entries(fault.propertyErrors).map(([name, { message }]) => [name, message]),
    );
  }

  it('gets its columns in lists and forms, but for secrets and what keeps itself', () => {
    const { view } = panel.resource('Circuit');
    assert.deepEqual(view.list, ['name', 'prefix', 'mac', 'state', 'carrierId', 'bytes']);
    assert.ok(!view.create.includes('version') && !view.create.includes('id'));
    assert.equal(panel.resource('Circuit').property('secretCode'), null);
    assert.equal(panel.resource('Circuit').property('carrierId')?.reference(), 'Carrier');
  });

  it('has its records made, read back as they were typed, changed and deleted', async () => {
    const circuit = panel.resource('Circuit');
    const carrier = await panel.resource('Carrier').create({ name: 'Telia' }, panel.as('engineer'));
    const made = await circuit.create(
      {
        name: 'Stockholm 1',
        prefix: '10.20.0.0/24',
        mac: 'AA-BB-CC-00-11-22',
        state: 'in.service',
        carrierId: carrier.id,
        terms: '{"years": 3, "price": {"eur": 100}}',
        channels: '1-9, 20',
        labels: 'fibre, north',
        bytes: '9007199254740991',
        live: true,
        since: '2026-01-02T03:04:05Z',
      },
      panel.as('engineer'),
    );
    assert.deepEqual(
      { ...made, terms: JSON.parse(String(made.terms)) },
      {
        id: made.id,
        name: 'Stockholm 1',
        prefix: '10.20.0.0/24',
        mac: 'aa:bb:cc:00:11:22',
        state: 'in.service',
        carrierId: carrier.id,
        terms: { years: 3, price: { eur: 100 } },
        channels: '1-9, 20',
        labels: 'fibre, north',
        bytes: 9007199254740991,
        live: true,
        since: '2026-01-02T03:04:05Z',
        version: 1,
      },
    );
    const changed = await circuit.update(
      String(made.id),
      { ...made, name: 'Stockholm 2', labels: '' },
      panel.as('engineer'),
    );
    assert.equal(changed.name, 'Stockholm 2');
    assert.equal(changed.labels, '');
    await circuit.delete(String(made.id), panel.as('engineer'));
    assert.equal(await circuit.findOne(String(made.id), panel.as('viewer')), null);
  });

  it('tells what is wrong beside the field, and keeps nothing', async () => {
    const circuit = panel.resource('Circuit');
    const refused = (form: Record<string, unknown>) =>
      faults(circuit.create({ name: 'x', ...form }, panel.as('admin')));
    assert.match((await refused({ terms: '{"years": }' })).terms ?? '', /not JSON/);
    assert.match((await refused({ channels: '9-1' })).channels ?? '', /runs backwards; write 1-9/);
    assert.match((await refused({ bytes: 'many' })).bytes ?? '', /not a number/);
    assert.ok((await refused({ prefix: '10.0.0.1/24' })).name);
    assert.ok((await refused({ carrierId: '999' })).name);
    assert.deepEqual(await panel.list('Circuit', { name: 'x' }), []);
  });

  it('is found by block, address fragment, MAC in any notation, enum with a dot, a number in runs, labels and JSON', async () => {
    const circuit = panel.resource('Circuit');
    await circuit.create(
      {
        name: 'Oslo 50%_a',
        prefix: '10.30.1.0/24',
        mac: 'de:ad:be:ef:00:01',
        state: 'in.service',
        terms: '{"class": "gold"}',
        channels: '10-19',
        labels: 'a, b',
      },
      panel.as('admin'),
    );
    for (const [name, value] of [
      ['prefix', '10.30.0.0/16'],
      ['prefix', '10.30'],
      ['prefix', '30.1.0/24'],
      ['mac', 'DEAD.BEEF.0001'],
      ['mac', 'be:ef'],
      ['state', 'in.service'],
      ['channels', '19'],
      ['labels', 'b'],
      ['terms', '{"class": "gold"}'],
      ['terms', 'gold'],
      ['name', 'OSLO 50%_'],
    ] as const) {
      assert.equal((await panel.list('Circuit', { [name]: value })).length, 1, `${name}: ${value}`);
      const filter = new Filter({ [name]: value }, circuit);
      assert.equal(await circuit.count(filter, panel.as('viewer')), 1);
    }
    for (const [name, value] of [
      ['prefix', '10.31.0.0/16'],
      ['prefix', "'; DROP TABLE circuit; --"],
      ['name', 'o%a'],
      ['carrierId', 'abc'],
      ['bytes', '1e9'],
      ['channels', '20'],
      ['channels', 'x'],
      ['name', 'a\0b'],
      ['secretCode', 'x'],
      ['nonsense', 'x'],
    ] as const) {
      assert.equal((await panel.list('Circuit', { [name]: value })).length, 0, `${name}: ${value}`);
    }
  });

  it('is not written to beyond its form: keys, versions, secrets and strangers in a payload are no fields', async () => {
    const circuit = panel.resource('Circuit');
    const one = await circuit.create(
      { name: 'one', id: '77', secretCode: 's', version: 9 },
      panel.as('admin'),
    );
    const two = await circuit.create({ name: 'two' }, panel.as('admin'));
    assert.notEqual(one.id, '77');
    await circuit.update(String(one.id), { id: two.id, name: 'uno', secret_code: 's' }, panel.as('admin'));
    assert.equal((await circuit.findOne(String(two.id), panel.as('admin')))?.params.name, 'two');
    const rows = await panel.register.db.query('SELECT FROM circuit WHERE secret_code IS NOT NULL');
    assert.equal(rows.length, 0);
  });

  it('is refused to whom its permissions refuse it, by the resource itself', async () => {
    const circuit = panel.resource('Circuit');
    await assert.rejects(circuit.create({ name: 'no' }, panel.as('viewer')), ValidationError);
    await assert.rejects(circuit.delete('1', panel.as('auditor')), ValidationError);
    await assert.rejects(circuit.find({ filters: {} } as never, {}), /Sign in/);
  });

  it('pages stably, sorts by what may be sorted, and takes nonsense for the first page', async () => {
    const circuit = panel.resource('Circuit');
    const page = (options: object) => circuit.find({ filters: {} } as never, options, panel.as('viewer'));
    assert.ok(
      (await page({ sort: { sortBy: 'password', direction: 'asc' }, limit: Number.NaN, offset: -5 })).length >
        0,
    );
    const all = await page({ limit: 50, sort: { sortBy: 'name', direction: 'desc' } });
    const inTwo = [
      ...(await page({ limit: 2, offset: 0, sort: { sortBy: 'name', direction: 'desc' } })),
      ...(await page({ limit: 50, offset: 2, sort: { sortBy: 'name', direction: 'desc' } })),
    ];
    assert.deepEqual(
      inTwo.map(({ params }) => params.id),
      all.map(({ params }) => params.id),
    );
    assert.deepEqual(await circuit.findMany(['x', '99999999999999999999', "1'"], panel.as('viewer')), []);
  });

  it('finds a page far back by the value that it begins at, also among equals', async () => {
    const circuit = panel.resource('Circuit');
    await panel.register.db.query(
      "INSERT INTO circuit (name, bytes, prefix) SELECT 'deep', n / 7, '10.128.0.0'::inet + n FROM generate_series(1, 3000) n",
    );
    for (const [sortBy, direction] of [
      ['bytes', 'asc'],
      ['bytes', 'desc'],
      ['prefix', 'asc'],
      ['name', 'asc'],
    ] as const) {
      const page = (offset: number, limit: number) =>
        circuit.find(
          new Filter({ name: 'deep' }, circuit),
          { offset, limit, sort: { sortBy, direction } },
          panel.as('viewer'),
        );
      const ids = async (offset: number, limit: number) =>
        (await page(offset, limit)).map(({ params }) => params.id);
      const near = [...(await ids(900, 500)), ...(await ids(1400, 500))];
      assert.equal(new Set(near).size, 1000);
      assert.deepEqual(await ids(1203, 5), near.slice(303, 308), sortBy);
      assert.deepEqual(await ids(2998, 5).then((last) => last.length), 2);
      assert.deepEqual(await ids(3500, 5), []);
    }
  });

  it('finds those without a value too, behind all others, however far back', async () => {
    const circuit = panel.resource('Circuit');
    await panel.register.db.query(
      "INSERT INTO circuit (name, bytes) SELECT 'gaps', CASE WHEN n <= 1105 THEN n END FROM generate_series(1, 1200) n",
    );
    const ids = new Set<unknown>();
    for (let offset = 0; offset < 1200; offset += 100) {
      const sort = { sortBy: 'bytes', direction: 'asc' as const };
      const filter = new Filter({ name: 'gaps' }, circuit);
      for (const { params } of await circuit.find(filter, { offset, limit: 100, sort }, panel.as('viewer')))
        ids.add(params.id);
    }
    assert.equal(ids.size, 1200);
  });

  it('writes no field that nobody touched, whatever a browser does to its blanks and ends of lines', async () => {
    const circuit = panel.resource('Circuit');
    const [row] = await panel.register.db.query<{ id: number }>(
      "INSERT INTO circuit (name, labels) VALUES (E' two\\nlines ', '{\"Berlin, DC1\"}') RETURNING id",
    );
    const { params = {} } = (await circuit.findOne(String(row?.id), panel.as('admin'))) ?? {};
    const sent = { ...params, name: String(params.name).replace('\n', '\r\n'), bytes: '7' };
    await circuit.update(String(row?.id), sent, panel.as('admin'));
    const [after] = await panel.register.db.query('SELECT name, labels, bytes FROM circuit WHERE id = $1', [
      row?.id,
    ]);
    assert.deepEqual(after, { name: ' two\nlines ', labels: ['Berlin, DC1'], bytes: 7 });
  });
});
