import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { audit } from '#plugins/audit';
import { customfields } from './index.ts';

describe('/custom-fields', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([allocation, customfields, audit]);
  });
  after(() => register.stop());
  afterEach(async () => {
    const { body } = await register.as('admin').get('/custom-fields?limit=1000');
    for (const { id } of body.items) await register.as('admin').delete(`/custom-fields/${id}?cascade=values`);
  });

  async function define(field: object) {
    const { status, body } = await register.as('admin').post('/custom-fields', { model: 'subnet', ...field });
    assert.equal(status, 201, JSON.stringify(body));
    return body as { id: number; version: number } & Record<string, unknown>;
  }
  let block = 0;
  const subnet = (customFields?: object) => {
    block += 1;
    return register.as('engineer').post('/subnets', { cidr: `10.${block}.0.0/16`, customFields });
  };
  const told = ({ body }: { body: { errors?: { path: string; code: string }[] } }) =>
    body.errors?.map(({ path, code }) => `${path} ${code}`);

  it('defines, shows, lists, changes and deletes', async () => {
    const field = await define({ name: 'rack', type: 'text', pattern: '^R', label: 'Rack' });
    const { id } = field;
    assert.deepEqual(
      [field.required, field.default, field.options, field.minimum, field.label, field.version],
      [false, null, null, null, 'Rack', 1],
    );
    const viewer = register.as('viewer');
    assert.deepEqual((await viewer.get(`/custom-fields/${id}`)).body, field);
    const { body: page } = await viewer.get('/custom-fields?model=subnet&type=text&required=false');
    assert.deepEqual(page.items, [field]);
    const admin = register.as('admin');
    const changed = await admin.patch(
      `/custom-fields/${id}`,
      { required: true, default: 'R1' },
      { 'If-Match': '"1"' },
    );
    assert.deepEqual(
      [changed.status, changed.body.required, changed.body.default, changed.headers.etag],
      [200, true, 'R1', '"2"'],
    );
    const late = await admin.patch(`/custom-fields/${id}`, { required: false }, { 'If-Match': '"1"' });
    assert.equal(late.status, 412);
    assert.equal((await admin.delete(`/custom-fields/${id}`)).status, 204);
    assert.equal((await admin.get(`/custom-fields/${id}`)).status, 404);
  });

  it('is for admins to write and for everybody to read', async () => {
    const field = { model: 'vrf', name: 'rack', type: 'text' };
    assert.equal((await register.as('engineer').post('/custom-fields', field)).status, 403);
    assert.equal((await register.as('viewer').get('/custom-fields')).status, 200);
    assert.equal((await register.anonymous.get('/custom-fields')).status, 401);
  });

  it('takes several at once, and tells the faults of each by its index', async () => {
    const admin = register.as('admin');
    const list = [
      { model: 'subnet', name: 'rack', type: 'text' },
      { model: 'subnet', name: 'unit', type: 'number', minimum: 2, maximum: 1 },
    ];
    const refused = await admin.post('/custom-fields', list);
    assert.deepEqual([refused.status, told(refused)], [422, ['body.1.maximum too-small']]);
    assert.equal((await admin.post('/custom-fields?mode=partial', list)).status, 207);
    assert.equal((await admin.get('/custom-fields')).body.items.length, 1);
  });

  it('names the models that there are', async () => {
    const { status, body } = await register
      .as('admin')
      .post('/custom-fields', { model: 'user', name: 'rack', type: 'text' });
    assert.equal(status, 422);
    assert.equal(body.errors[0].path, 'body.model');
    assert.match(body.errors[0].message, /there are site, .*subnet, range, address, pool\.$/);
  });

  for (const [what, field, errors] of [
    ['a name with a blank', { name: 'a b', type: 'text' }, ['body.name invalid-format']],
    ['a name that begins with a digit', { name: '1a', type: 'text' }, ['body.name invalid-format']],
    ['a name that is too long', { name: 'a'.repeat(64), type: 'text' }, ['body.name too-big']],
    ['a name like a filter', { name: 'rack__ne', type: 'text' }, ['body.name invalid-format']],
    ['a type that is none', { name: 'a', type: 'json' }, ['body.type invalid-value']],
    ['a select without options', { name: 'a', type: 'select' }, ['body.options required']],
    [
      'options for text, and a pattern that is none',
      { name: 'a', type: 'text', pattern: '(', options: ['b'] },
      ['body.pattern invalid-pattern', 'body.options not-for-type'],
    ],
    [
      'a pattern and bounds for a date',
      { name: 'a', type: 'date', pattern: 'a', minimum: 1, maximum: 2 },
      ['body.pattern not-for-type', 'body.minimum not-for-type', 'body.maximum not-for-type'],
    ],
    [
      'a default that the field itself refuses',
      { name: 'a', type: 'number', maximum: 5, default: 6 },
      ['body.default too-big'],
    ],
    [
      'a default that is no option',
      { name: 'a', type: 'select', options: ['b'], default: 'c' },
      ['body.default invalid-value'],
    ],
    [
      'an option that is there twice',
      { name: 'a', type: 'select', options: ['b', 'b'] },
      ['body.options invalid-value'],
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const answer = await register.as('admin').post('/custom-fields', { model: 'subnet', ...field });
      assert.deepEqual([answer.status, told(answer)], [422, errors], JSON.stringify(answer.body));
    });
  }

  it('has a name once for each model', async () => {
    await define({ name: 'rack', type: 'text' });
    await define({ name: 'rack', type: 'number', model: 'address' });
    const { status, body } = await register
      .as('admin')
      .post('/custom-fields', { model: 'subnet', name: 'rack', type: 'date' });
    assert.deepEqual([status, body.type], [409, 'urn:cadastre:error:custom-field-taken']);
  });

  it('has its values refused by name, and tells which name was meant', async () => {
    await define({ name: 'rackUnits', type: 'number', maximum: 48 });
    await define({ name: 'owner', type: 'text', required: true });
    const answer = await subnet({ rackUnits: 'many', onwer: 'Ada' });
    assert.deepEqual(
      [answer.status, told(answer)],
      [
        422,
        [
          'body.customFields.rackUnits invalid-type',
          'body.customFields.owner required',
          'body.customFields.onwer unknown-key',
        ],
      ],
    );
    assert.equal(answer.body.errors[2].message, '"onwer" is not known here; did you mean "owner"?');
    assert.match(answer.body.detail, /^body\.customFields\.rackUnits: It takes a number.*\(and 2 more\)$/);
    const list = await register.as('engineer').post('/subnets', [
      { cidr: '192.0.2.0/24', customFields: { owner: 'Ada' } },
      { cidr: '198.51.100.0/24', customFields: { owner: 5 } },
    ]);
    assert.deepEqual([list.status, told(list)], [422, ['body.1.customFields.owner invalid-type']]);
  });

  it('has its values wherever records are made, with their defaults, and in what is answered', async () => {
    await define({ model: 'address', name: 'net', type: 'cidr' });
    await define({
      model: 'address',
      name: 'tier',
      type: 'select',
      options: ['gold', 'tin'],
      default: 'tin',
    });
    const { body: made } = await subnet();
    const engineer = register.as('engineer');
    const path = `/subnets/${made.id}/allocations`;
    const plain = await engineer.post(path, {});
    assert.deepEqual(plain.body.addresses[0].customFields, { tier: 'tin' });
    const given = await engineer.post(
      path,
      { count: 2, customFields: { net: '2001:DB8::/32', tier: 'gold' } },
      { 'Idempotency-Key': 'once' },
    );
    const wanted = { net: '2001:db8::/32', tier: 'gold' };
    assert.deepEqual(
      given.body.addresses.map(({ customFields }: { customFields: object }) => customFields),
      [wanted, wanted],
    );
    const again = await engineer.post(
      path,
      { count: 2, customFields: { net: '2001:DB8::/32', tier: 'gold' } },
      { 'Idempotency-Key': 'once' },
    );
    assert.deepEqual(again.body, given.body);
    const [address] = given.body.addresses;
    assert.deepEqual((await engineer.get(`/addresses/${address.id}`)).body, address);
    const refused = await engineer.post(path, { customFields: { tier: 'lead' } });
    assert.deepEqual([refused.status, told(refused)], [422, ['body.customFields.tier invalid-value']]);
    const dry = await engineer.post('/addresses?dryRun=true', {
      address: address.address.replace(/\d+$/, '99'),
    });
    assert.deepEqual([dry.status, dry.body.customFields], [200, { tier: 'tin' }]);
  });

  it('has its values in the parts of a subnet that is split, unless those are given others', async () => {
    await define({ name: 'owner', type: 'text', required: true });
    await define({ name: 'unit', type: 'number' });
    const { body: made } = await subnet({ owner: 'Ada', unit: 4 });
    const { status, body } = await register
      .as('engineer')
      .post(`/subnets/${made.id}/split`, { prefixLength: 17, customFields: { unit: null, owner: 'Eve' } });
    assert.equal(status, 200, JSON.stringify(body));
    const values = body.subnets.map(({ customFields }: { customFields: object }) => customFields);
    assert.deepEqual(values, [{ owner: 'Eve' }, { owner: 'Eve' }]);
    const again = await register
      .as('engineer')
      .post(`/subnets/${body.subnets[0].id}/split`, { prefixLengths: [20] });
    assert.deepEqual(again.body.subnets[0].customFields, { owner: 'Eve' });
  });

  it('is changed one by one, and never loses what is required', async () => {
    await define({ name: 'owner', type: 'text' });
    await define({ name: 'unit', type: 'number' });
    const { body: made } = await subnet({ owner: 'Ada', unit: 4 });
    const { id: old } = (await subnet()).body;
    const [owner] = (await register.as('admin').get('/custom-fields?name=owner')).body.items;
    await register.as('admin').patch(`/custom-fields/${owner.id}`, { required: true });
    const engineer = register.as('engineer');
    const changed = await engineer.patch(`/subnets/${made.id}`, { customFields: { unit: null } });
    assert.deepEqual(changed.body.customFields, { owner: 'Ada' });
    const refused = await engineer.patch(`/subnets/${made.id}`, { customFields: { owner: null } });
    assert.deepEqual([refused.status, told(refused)], [422, ['body.customFields.owner required']]);
    assert.equal((await engineer.patch(`/subnets/${old}`, { name: 'old' })).status, 200);
    assert.deepEqual(
      (await engineer.patch(`/subnets/${old}`, { customFields: { unit: 1 } })).body.customFields,
      {
        unit: 1,
      },
    );
  });

  it('takes its values along when it is renamed, and when it is deleted with them', async () => {
    const field = await define({ name: 'owner', type: 'text' });
    const { body: made } = await subnet({ owner: 'Ada' });
    const admin = register.as('admin');
    assert.equal((await admin.patch(`/custom-fields/${field.id}`, { name: 'keeper' })).status, 200);
    const renamed = (await admin.get(`/subnets/${made.id}`)).body;
    assert.deepEqual([renamed.customFields, renamed.version], [{ keeper: 'Ada' }, 2]);
    const kept = await admin.delete(`/custom-fields/${field.id}`);
    assert.deepEqual(
      [kept.status, kept.body.type, kept.body.detail],
      [
        409,
        'urn:cadastre:error:custom-field-in-use',
        'Records with a value of this field: 1. It is deleted together with them by cascade=values.',
      ],
    );
    const dry = await admin.delete(`/custom-fields/${field.id}?cascade=values&dryRun=true`);
    assert.equal(dry.status, 204);
    const gone = await admin.delete(`/custom-fields/${field.id}?cascade=values`);
    assert.equal(gone.status, 204);
    assert.deepEqual((await admin.get(`/subnets/${made.id}`)).body.customFields, {});

    const change = gone.headers['x-change-id'];
    const { body: log } = await admin.get(`/audit-logs?changeId=${change}`);
    assert.deepEqual(
      log.items.map(({ entity, action }: Record<string, string>) => `${entity} ${action}`).sort(),
      ['custom-field delete', 'subnet update'],
    );
    const back = await admin.post(`/changes/${change}/revert`);
    assert.equal(back.status, 200, JSON.stringify(back.body));
    assert.deepEqual((await admin.get(`/subnets/${made.id}`)).body.customFields, { keeper: 'Ada' });
  });

  it('keeps its type and its options while records have values of them, and its model always', async () => {
    const tier = await define({ name: 'tier', type: 'select', options: ['gold', 'tin', 'lead'] });
    await subnet({ tier: 'tin' });
    const patch = (body: object) => register.as('admin').patch(`/custom-fields/${tier.id}`, body);
    const fewer = await patch({ options: ['gold', 'silver'] });
    assert.deepEqual(
      [fewer.status, fewer.body.detail],
      [409, 'Records with an option that would go: 1. Change those first.'],
    );
    assert.equal((await patch({ options: ['tin', 'gold'] })).status, 200);
    const other = await patch({ type: 'text', options: null });
    assert.deepEqual([other.status, other.body.type], [409, 'urn:cadastre:error:custom-field-in-use']);
    const both = await patch({ name: 'grade', type: 'text', options: null });
    assert.deepEqual([both.status, both.body.type], [409, 'urn:cadastre:error:custom-field-in-use']);
    const moved = await patch({ model: 'vrf' });
    assert.deepEqual([moved.status, told(moved)], [422, ['body.model not-changeable']]);
    assert.equal((await patch({ model: 'subnet', required: true })).status, 200);
  });
});
