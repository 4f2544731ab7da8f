import assert from 'node:assert/strict';
import pg from 'pg';
import { openExplainer, startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { subnets } from '#plugins/subnets';
import { customfields } from './index.ts';

const fields = [
  { name: 'owner', type: 'text' },
  { name: 'unit', type: 'number' },
  { name: 'spare', type: 'boolean' },
  { name: 'until', type: 'date' },
  { name: 'tier', type: 'select', options: ['gold', 'tin'] },
  { name: 'wiki', type: 'url' },
  { name: 'net', type: 'cidr' },
];
const named = {
  A: { owner: 'Ada', unit: 4, spare: true, until: '2026-02-01', tier: 'gold', net: '10.1.0.0/16' },
  B: { owner: 'Bob 100%', unit: 40.5, spare: false, until: '2026-10-01', net: '10.1.2.0/24' },
  C: { owner: 'ada_2', tier: 'tin', wiki: 'https://wiki.example.net/c', net: '2001:db8::/32' },
  D: {},
};

describe('lists by custom fields', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([allocation, customfields]);
    for (const model of ['subnet', 'vrf'])
      await register.as('admin').post(
        '/custom-fields',
        fields.map((field) => ({ ...field, model })),
      );
    for (const [name, customFields] of Object.entries(named)) {
      await register.as('engineer').post('/vrfs', { name, customFields });
      const { status, body } = await register
        .as('engineer')
        .post('/subnets', { name, vrf: name, cidr: '10.0.0.0/24', customFields });
      assert.equal(status, 201, JSON.stringify(body));
    }
  });
  after(() => register.stop());

  async function names(path: string): Promise<string> {
    const { status, body } = await register.as('viewer').get(path);
    assert.equal(status, 200, JSON.stringify(body));
    return body.items.map(({ name }: { name: string }) => name).join('');
  }

  for (const [query, wanted] of [
    ['owner=Ada', 'A'],
    ['owner=Ada&customFields.owner=ada_2', 'AC'],
    ['owner__ne=Ada', 'BCD'],
    ['owner__contains=ADA', 'AC'],
    ['owner__contains=_', 'C'],
    ['owner__contains=%25', 'B'],
    ['owner__empty=true', 'D'],
    ['owner__empty=false', 'ABC'],
    ['unit=4', 'A'],
    ['unit=4.0&customFields.unit=40.50', 'AB'],
    ['unit__gt=4', 'B'],
    ['unit__gte=4&customFields.unit__lt=40', 'A'],
    ['unit__empty=true', 'CD'],
    ['spare=true', 'A'],
    ['spare=false', 'B'],
    ['spare__empty=true', 'CD'],
    ['until=2026-02-01', 'A'],
    ['until__gte=2026-02-02', 'B'],
    ['until__lt=2026-10-01', 'A'],
    ['tier=tin', 'C'],
    ['tier__ne=tin', 'ABD'],
    ['wiki=https://wiki.example.net/c', 'C'],
    ['wiki__contains=example', 'C'],
    ['net=10.1.0.0/16', 'A'],
    ['net=10.1.2.3/24', 'B'],
    ['net__within=10.1.0.0/16', 'B'],
    ['net__withinInclude=10.1.0.0/16', 'AB'],
    ['net__contains=10.1.2.9', 'AB'],
    ['net__empty=true', 'D'],
  ] as const) {
    it(`customFields.${query} finds ${wanted}`, async () => {
      assert.equal(await names(`/subnets?sort=name&customFields.${query}`), wanted);
      const vrfs = await names(`/vrfs?customFields.${query}`);
      assert.equal(vrfs.replace('global', ''), wanted);
    });
  }

  for (const [query, wanted] of [
    ['customFields.owner = Ada', 'A'],
    ['customfields.OWNER = Ada', 'A'],
    ['customFields.unit > 4 or customFields.tier = tin', 'BC'],
    ['not customFields.owner contains ada', 'BD'],
    ['name in (A, B) and customFields.unit in (4, 5)', 'A'],
    ['customFields.net within 10.0.0.0/8 and customFields.until is not empty', 'AB'],
    ['customFields.spare != true', 'BCD'],
  ] as const) {
    it(`q=${query} finds ${wanted}`, async () =>
      assert.equal(await names(`/subnets?sort=name&q=${encodeURIComponent(query)}`), wanted));
  }

  it('goes with other filters, with pages, counts and chosen fields, and as other clients write it', async () => {
    const { body } = await register
      .as('viewer')
      .get(
        '/subnets?customFields.owner__empty=false&customFields[tier__ne]=tin&vrf=A&vrf=B&sort=-name&limit=1&count=exact&fields=name',
      );
    assert.deepEqual([body.items, body.total], [[{ name: 'B' }], 2]);
    const next = await register
      .as('viewer')
      .get(
        `/subnets?customFields.owner__empty=false&customFields[tier__ne]=tin&vrf=A&vrf=B&sort=-name&fields=name&cursor=${body.nextCursor}`,
      );
    assert.deepEqual(next.body.items, [{ name: 'A' }]);
  });

  for (const [query, errors] of [
    [
      'customFields.onwer=Ada&customFields.unit=many&customFields.tier=lead',
      [
        'query.customFields.onwer: "onwer" is not known here; did you mean "owner"?',
        'query.customFields.unit: It must be a number',
        /^query\.customFields\.tier: .*gold.*tin/,
      ],
    ],
    ['customFields.unit__contains=4', [/"unit__contains" is not known here; did you mean/]],
    ['customFields.__proto__=4', [/"__proto__" is not known here/]],
    ['customFields=4', [/^query\.customFields: /]],
    [
      'q=name = A and customFields.onwer = Ada',
      ['query.q: q, column 14: there is no field "customFields.onwer"; did you mean "customFields.owner"?'],
    ],
    ['q=customFields.unit > many', [/^query\.q: q, column 21: "many" is not possible here/]],
    [
      'q=customFields.spare > true',
      [/"customFields\.spare" does not take ">"; it takes =, !=, in, is empty/],
    ],
  ] as const) {
    it(`refuses ${query}`, async () => {
      const { status, body } = await register.as('viewer').get(`/subnets?${query.replaceAll(' ', '%20')}`);
      assert.equal(status, 422, JSON.stringify(body));
      const told = body.errors.map(({ path, message }: Record<string, string>) => `${path}: ${message}`);
      assert.equal(told.length, errors.length, told.join('\n'));
      for (const [at, wanted] of errors.entries()) {
        if (typeof wanted === 'string') assert.equal(told[at], wanted);
        else assert.match(told[at], wanted);
      }
    });
  }

  it('costs one statement more, and none where no custom field is asked for', async () => {
    const { prototype } = pg.Client;
    const { query } = prototype;
    let count = 0;
    prototype.query = function (this: pg.Client, ...call: unknown[]) {
      if (typeof call[0] === 'object') count += 1;
      return Reflect.apply(query, this, call);
    } as never;
    const asked: number[] = [];
    for (const path of [
      '/subnets?name=A',
      '/subnets?customFields.owner=Ada&customFields.unit=4',
      '/subnets?q=customFields.owner=Ada&customFields.unit=4',
    ]) {
      count = 0;
      await register.as('viewer').get(path);
      asked.push(count);
    }
    prototype.query = query;
    assert.deepEqual(asked, [1, 2, 2]);
  });

  it('is known only where the records have custom fields', async () => {
    const { status, body } = await register.as('viewer').get('/custom-fields?customFields.owner=Ada');
    assert.deepEqual([status, body.errors[0].code], [422, 'unknown-key']);
  });

  it('finds a value by the index', async () => {
    await register.owner.query(
      `INSERT INTO vrf (name, custom_fields) SELECT 'v' || n, CASE WHEN n % 50 = 0 THEN jsonb_build_object('owner', 'o' || n) ELSE '{}' END
         FROM generate_series(1, 20000) n`,
    );
    await register.owner.query('ANALYZE vrf');
    const explainer = await openExplainer(register.databaseUrl);
    const lists = register.host.api(subnets).lists;
    const plans = await explainer.plansOf((query) =>
      lists.vrfs.run(query, { customFields: [['owner', ['o50', 'o100']]] }),
    );
    await explainer.end();
    assert.deepEqual([[...plans.indexes], [...plans.scanned]], [['vrf_custom_fields_gin'], ['custom_field']]);
  });
});
