import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { audit } from '#plugins/audit';
import { sites } from '#plugins/sites';
import { tags } from './index.ts';

describe('tags', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([sites, allocation, tags, audit]);
  });
  after(() => register.stop());
  const as = (role: 'admin' | 'engineer' | 'viewer' = 'engineer') => register.as(role);

  async function made(path: string, body: object): Promise<Record<string, never>> {
    const answer = await as().post(path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  }
  const tagsOf = async (path: string) => (await as('viewer').get(path)).body.tags;

  it('have a name, a colour that stands back unless told, and are not inherited unless told', async () => {
    const plain = await made('/tags', { name: ' plain ' });
    assert.deepEqual(
      [plain.name, plain.color, plain.inherited, plain.version],
      ['plain', '#64748b', false, 1],
    );
    const loud = await made('/tags', {
      name: 'loud',
      color: '#FF0000',
      inherited: true,
      description: 'Look here',
    });
    assert.deepEqual([loud.color, loud.inherited, loud.description], ['#ff0000', true, 'Look here']);
    const listed = await as('viewer').get('/tags?inherited=true');
    assert.deepEqual(listed.body.items, [loud]);
    assert.equal((await as('viewer').get('/tags?color=%23ff0000')).body.items.length, 1);
  });

  for (const [what, body, path, message] of [
    [
      'a colour by name',
      { name: 'x', color: 'red' },
      'body.color',
      /# and six hexadecimal digits, such as #/,
    ],
    ['a short colour', { name: 'x', color: '#f00' }, 'body.color', /six hexadecimal digits/],
    ['a comma in the name', { name: 'a,b' }, 'body.name', /no comma/],
    ['no name', { color: '#000000' }, 'body.name', /./],
    ['a name too long', { name: 'x'.repeat(101) }, 'body.name', /./],
  ] as const) {
    it(`refuse ${what}`, async () => {
      const answer = await as().post('/tags', body);
      assert.equal(answer.status, 422);
      assert.deepEqual(
        answer.body.errors.map((each: { path: string }) => each.path),
        [path],
      );
      assert.match(answer.body.errors[0].message, message);
    });
  }

  it('are called by one name each; digits are a name, too', async () => {
    await made('/tags', { name: '2026' });
    const { status, body } = await as().post('/tags', { name: '2026' });
    assert.deepEqual([status, body.type], [409, 'urn:cadastre:error:tag-taken']);
  });

  it('are written by who may, and by nobody else', async () => {
    const { status, body } = await as('viewer').post('/tags', { name: 'mine' });
    assert.deepEqual([status, body.permission], [403, 'tags:write']);
  });

  it('are what records carry already by that name', async () => {
    const subnet = await made('/subnets', { cidr: '10.1.0.0/16', tags: ['early', 'free'] });
    await made('/tags', { name: 'early' });
    assert.deepEqual(await tagsOf(`/subnets/${subnet.id}`), ['early', 'free']);
    const { body } = await as('viewer').get('/tags?name=early&include=usage');
    assert.equal(body.items[0].usage.subnet, 1);
  });

  describe('that are renamed', () => {
    const paths: string[] = [];
    let id: number;
    before(async () => {
      id = Number((await made('/tags', { name: 'old' })).id);
      const carrying = { tags: ['first', 'old', 'last'] };
      const vrf = await made('/vrfs', { name: 'blue', ...carrying });
      const subnet = await made('/subnets', { cidr: '10.2.0.0/24', ...carrying });
      const both = await made('/subnets', { cidr: '10.3.0.0/24', tags: ['new', 'old'] });
      const address = await made('/addresses', { address: '10.2.0.9', ...carrying });
      const range = await made('/ranges', {
        start: '10.2.0.20',
        end: '10.2.0.30',
        purpose: 'dhcp',
        ...carrying,
      });
      const pool = await made('/pools', { name: 'p', members: [subnet.id], ...carrying });
      const site = await made('/sites', { name: 'Oslo', ...carrying });
      paths.push(
        `/vrfs/${vrf.id}`,
        `/subnets/${subnet.id}`,
        `/addresses/${address.id}`,
        `/ranges/${range.id}`,
        `/pools/${pool.id}`,
        `/subnets/${both.id}`,
        `/sites/${site.id}`,
      );
    });

    const carried = () => Promise.all(paths.map(tagsOf));

    it('change nothing in a dry run', async () => {
      const before = await carried();
      const { status, body } = await as().patch(`/tags/${id}?dryRun=true`, { name: 'new' });
      assert.deepEqual([status, body.name], [200, 'new']);
      assert.deepEqual(await carried(), before);
    });

    it('are renamed on the records of every model, in their place, once each; as one change', async () => {
      const versions = await Promise.all(paths.map(async (path) => (await as().get(path)).body.version));
      const space = await as().get('/subnets?include=parent&sort=id');
      const answer = await as().patch(`/tags/${id}`, { name: 'new' });
      assert.equal(answer.status, 200);
      const wanted = ['first', 'new', 'last'];
      const [both] = (await carried()).splice(5, 1);
      assert.deepEqual(both, ['new']);
      for (const [nth, path] of paths.entries()) {
        const { body } = await as().get(path);
        if (nth !== 5) assert.deepEqual(body.tags, wanted, path);
        assert.equal(body.version, versions[nth] + 1, path);
      }
      const after = await as().get('/subnets?include=parent&sort=id');
      const facts = ({ body }: typeof after) =>
        body.items.map(({ utilization, parent, cidr }: Record<string, unknown>) => ({
          utilization,
          parent,
          cidr,
        }));
      assert.deepEqual(facts(after), facts(space), 'what the database derives stays');
      const { body } = await register
        .as('auditor')
        .get(`/audit-logs?changeId=${answer.headers['x-change-id']}&limit=100`);
      const logged = body.items.map(({ entity, action }: Record<string, string>) => `${action} ${entity}`);
      assert.deepEqual(
        [...new Set(logged)].sort(),
        [
          'update address',
          'update pool',
          'update range',
          'update subnet',
          'update tag',
          'update vrf',
          'update site',
        ].sort(),
      );
      assert.equal(logged.length, paths.length + 1);
    });

    it('come back under the old name when the change is taken back', async () => {
      const { headers } = await as().patch(`/tags/${id}`, { name: 'newer' });
      const { status, body } = await as('admin').post(`/changes/${headers['x-change-id']}/revert`);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(await tagsOf(paths[1] as string), ['first', 'new', 'last']);
      assert.equal((await as().get(`/tags/${id}`)).body.name, 'new');
    });

    it('do not take the name of another, and leave all as it was', async () => {
      await made('/tags', { name: 'other' });
      const before = await carried();
      const { status, body } = await as().patch(`/tags/${id}`, { name: 'other' });
      assert.deepEqual([status, body.type], [409, 'urn:cadastre:error:tag-taken']);
      assert.deepEqual(await carried(), before);
    });

    it('honour If-Match', async () => {
      const { status } = await as().patch(`/tags/${id}`, { name: 'x' }, { 'If-Match': '"1"' });
      assert.equal(status, 412);
    });
  });

  describe('that are deleted', () => {
    it('are not while records carry them, counting those of each kind', async () => {
      const { id } = await made('/tags', { name: 'held' });
      const subnet = await made('/subnets', { cidr: '10.4.0.0/24', tags: ['held', 'kept'] });
      for (const host of [1, 2]) await made('/addresses', { address: `10.4.0.${host}`, tags: ['held'] });
      const { status, body } = await as().delete(`/tags/${id}`);
      assert.deepEqual([status, body.type], [409, 'urn:cadastre:error:tag-in-use']);
      assert.deepEqual(body.usage, { subnet: 1, address: 2 });
      assert.match(body.detail, /subnet: 1, address: 2.*cascade=untag/);
      assert.deepEqual(await tagsOf(`/subnets/${subnet.id}`), ['held', 'kept']);

      const trial = await as().delete(`/tags/${id}?cascade=untag&dryRun=true`);
      assert.ok(trial.status < 300);
      assert.deepEqual(await tagsOf(`/subnets/${subnet.id}`), ['held', 'kept']);

      const { status: gone } = await as().delete(`/tags/${id}?cascade=untag`);
      assert.equal(gone, 204);
      assert.deepEqual(await tagsOf(`/subnets/${subnet.id}`), ['kept']);
      assert.equal((await as().get('/addresses?tag=held')).body.items.length, 0);
      assert.equal((await as().get(`/tags/${id}`)).status, 404);
    });

    it('go where nobody carries them, and are refused what they do not know', async () => {
      const { id } = await made('/tags', { name: 'idle' });
      assert.equal((await as().delete(`/tags/${id}?cascade=rehome`)).status, 422);
      assert.equal((await as().delete(`/tags/${id}`, undefined, { 'If-Match': '"9"' })).status, 412);
      assert.equal((await as().delete(`/tags/${id}`)).status, 204);
      assert.equal((await as().delete(`/tags/${id}`)).status, 404);
    });
  });

  describe('on request', () => {
    it('show how many records of each kind carry them', async () => {
      await made('/subnets', { cidr: '10.5.0.0/24', tags: ['counted', 'too'] });
      for (const host of [1, 2, 3])
        await made('/addresses', { address: `10.5.0.${host}`, tags: ['counted'] });
      for (const name of ['counted', 'too']) await made('/tags', { name });
      const { body } = await as('viewer').get(
        '/tags?include=usage&name=counted&name=too&name=plain&fields=name',
      );
      const rest = { vrf: 0, range: 0, pool: 0, site: 0, tag: 0 };
      const shown = body.items.map(({ name, usage: { subnet, address } }: never) => [name, subnet, address]);
      assert.deepEqual(shown, [
        ['counted', 1, 3],
        ['plain', 0, 0],
        ['too', 1, 0],
      ]);
      for (const [entity, n] of Object.entries(rest)) assert.equal(body.items[0].usage[entity], n, entity);
    });
  });
});
