import assert from 'node:assert/strict';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { audit } from './index.ts';

describe('the audit log', () => {
  let register: TestRegister;
  let auditor: Client;
  let subnet: number;
  let changeId: string;
  before(async () => {
    register = await startTestRegister([subnets, audit]);
    auditor = register.as('auditor');
    const engineer = register.as('engineer');
    const made = await engineer.post(
      '/subnets',
      { cidr: '10.0.0.0/24', name: 'Lab' },
      { 'X-Request-Id': 'first' },
    );
    subnet = made.body.id;
    await engineer.post('/addresses', [{ address: '10.0.0.1' }, { address: '10.0.0.2', hostname: 'two' }]);
    changeId = (await engineer.patch(`/subnets/${subnet}`, { name: 'Office' })).headers[
      'x-change-id'
    ] as string;
    await register.db.query("UPDATE address SET hostname = 'psql' WHERE address = '10.0.0.1'");
  });
  after(() => register.stop());

  const list = async (query: string) => {
    const { status, body } = await auditor.get(`/audit-logs?${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.items;
  };
  const keysOf = async (query: string) =>
    (await list(query)).map(
      (each: { action: string; key: object }) => `${each.action} ${Object.values(each.key).at(-1)}`,
    );

  it('tells the newest first who changed what, and how', async () => {
    const [psql, change] = await list('');
    assert.match(psql.actor, /^db:/);
    assert.deepEqual(
      [psql.source, psql.requestId, psql.diff],
      ['db', null, { hostname: { before: null, after: 'psql' } }],
    );
    assert.deepEqual(
      [change.actor, change.action, change.entity, change.entityId, change.key, change.changeId, change.diff],
      [
        'user:0',
        'update',
        'subnet',
        subnet,
        { vrf: 'global', cidr: '10.0.0.0/24' },
        changeId,
        { name: { before: 'Lab', after: 'Office' } },
      ],
    );
    assert.ok(!('before' in change));
  });

  it('shows a line with the whole record before and after, by wire names', async () => {
    const [line] = await list(`changeId=${changeId}`);
    const { body } = await auditor.get(`/audit-logs/${line.id}`);
    assert.deepEqual(
      [body.before.name, body.after.name, body.after.vrfId, body.after.vlanId],
      ['Lab', 'Office', 1, null],
    );
    assert.deepEqual(body.diff, line.diff);
    assert.equal((await auditor.get('/audit-logs/999999')).status, 404);
    assert.equal((await auditor.get('/audit-logs/x')).status, 422);
  });

  it('is filtered by everything that a person asks for', async () => {
    const update = ['update 10.0.0.0/24'];
    assert.deepEqual(await keysOf(`changeId=${changeId}`), update);
    assert.deepEqual(await keysOf('requestId=first'), ['create 10.0.0.0/24']);
    assert.deepEqual(await keysOf('actor=user:0&action=update'), update);
    assert.deepEqual(await keysOf('actor=nobody'), []);
    assert.deepEqual(await keysOf('entity=subnet'), [...update, 'create 10.0.0.0/24']);
    assert.deepEqual(await keysOf(`entity=subnet&entityId=${subnet}&action=create`), ['create 10.0.0.0/24']);
    assert.deepEqual(await keysOf('key=10.0.0.1'), ['update 10.0.0.1', 'create 10.0.0.1']);
    const whole = encodeURIComponent('{"vrf":"global","address":"10.0.0.2"}');
    assert.deepEqual(await keysOf(`key=${whole}`), ['create 10.0.0.2']);
    assert.deepEqual(await keysOf(`key=${whole.replace('global', 'blue')}`), []);
    assert.deepEqual(await keysOf('key=10.0.0.2&key=10.0.0.0/24&action=create'), [
      'create 10.0.0.2',
      'create 10.0.0.0/24',
    ]);
    const [, change] = await list('');
    assert.deepEqual(await keysOf(`at__gte=${change.at}&entity=subnet`), update);
    assert.deepEqual(await keysOf(`at__lte=${change.at}&entity=subnet`), [...update, 'create 10.0.0.0/24']);
  });

  it('has chosen fields as they are in whole lines', async () => {
    const [whole] = await list('entity=subnet&limit=1');
    const [chosen] = await list('entity=subnet&limit=1&fields=entityId,secrets');
    assert.deepEqual(chosen, { entityId: whole.entityId, secrets: whole.secrets });
    assert.deepEqual([typeof chosen.entityId, chosen.secrets], ['number', []]);
  });

  it('is paged by keyset, either way', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await auditor.get(`/audit-logs?limit=2&sort=at&count=exact${cursor}`);
      assert.equal(body.total, 5);
      seen.push(...body.items.map((each: { id: number }) => String(each.id)));
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`;
    } while (cursor);
    assert.deepEqual(
      seen,
      (await list('fields=id')).map((each: { id: number }) => String(each.id)).reverse(),
    );
  });

  it('says what is not right', async () => {
    for (const [query, path] of [
      ['actr=x', 'query.actr'],
      ['action=destroy', 'query.action'],
      ['changeId=7', 'query.changeId'],
      ['at__gte=yesterday', 'query.at__gte'],
      ['key={', 'query.key'],
    ]) {
      const { status, body } = await auditor.get(`/audit-logs?${query}`);
      assert.equal(status, 422, query);
      assert.equal(body.errors[0].path, path);
    }
  });

  it('is for admins and auditors', async () => {
    for (const role of ['viewer', 'engineer'] as const) {
      assert.equal((await register.as(role).get('/audit-logs')).status, 403);
      assert.equal((await register.as(role).get('/audit-logs/1')).status, 403);
    }
    assert.equal((await register.as('admin').get('/audit-logs')).status, 200);
    assert.equal((await register.anonymous.get('/audit-logs')).status, 401);
  });
});
