import assert from 'node:assert/strict';
import { definePlugin } from '#core';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { vlans } from './index.ts';

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each call answers another shape
  body: any;
}

const heard: string[] = [];
const listener = definePlugin({
  name: 'test-listener',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Writes down what happens to VLANs.',
  requires: [vlans],
  setup(ctx) {
    ctx.on(
      'vlan-group.created',
      async (_tx, { id, name }) => void heard.push(`vlan-group.created ${id} ${name}`),
    );
    for (const event of ['vlan.created', 'vlan.updated', 'vlan.deleted'] as const)
      ctx.on(event, async (_tx, { id, vid }) => void heard.push(`${event} ${id} ${vid}`));
  },
});

describe('VLANs and their groups', () => {
  let register: TestRegister;
  let engineer: Client;
  before(async () => {
    register = await startTestRegister([vlans, listener]);
    engineer = register.as('engineer');
    await engineer.post('/sites', { name: 'Oslo' });
  });
  after(() => register.stop());
  afterEach(async () => {
    await register.db.query('DELETE FROM vlan');
    await register.db.query(`DELETE FROM vlan_group WHERE name <> 'default'`);
  });

  const made = ({ status, body }: Answer) => {
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  };
  const group = async (name: string, more: object = {}) =>
    made(await engineer.post('/vlan-groups', { name, ...more }));
  const vlan = async (body: object) => made(await engineer.post('/vlans', body));
  const codeOf = ({ status, body }: Answer) => `${status} ${body.type.split(':').at(-1)}`;
  const faultOf = ({ status, body }: Answer) =>
    `${status} ${body.errors?.map(({ path, message }: { path: string; message: string }) => `${path}: ${message}`).join('; ')}`;

  it('a group has a name, perhaps a site, and ranges of VIDs, which are put in order', async () => {
    const plain = await group('access');
    assert.deepEqual([plain.vidRanges, plain.siteId, plain.version], [[{ start: 1, end: 4094 }], null, 1]);
    const { id, vidRanges, siteId } = await group('core', {
      site: 'Oslo',
      vidRanges: [
        { start: 300, end: 399 },
        { start: 100, end: 199 },
        { start: 200, end: 200 },
        { start: 150, end: 160 },
      ],
    });
    assert.deepEqual(vidRanges, [
      { start: 100, end: 200 },
      { start: 300, end: 399 },
    ]);
    const { body } = await engineer.get(`/vlan-groups/${id}?include=site`);
    assert.deepEqual([body.site.id, body.site.name], [siteId, 'Oslo']);
    assert.equal(
      (await engineer.patch(`/vlan-groups/${id}`, { vidRanges })).body.version,
      1,
      'nothing has changed',
    );
    const names = async (query: string) =>
      (await engineer.get(`/vlan-groups?${query}`)).body.items
        .map(({ name }: { name: string }) => name)
        .join(' ');
    assert.equal(await names('site=Oslo'), 'core');
    assert.equal(await names('vid=150'), 'access core default');
    assert.equal(await names('vid=250&name__ne=default'), 'access');
    assert.equal(await names('q=name contains CO or name = access'), 'access core');
  });

  it('a group refuses what are no ranges of VIDs, saying where', async () => {
    const refused = async (vidRanges: unknown) =>
      faultOf(await engineer.post('/vlan-groups', { name: 'a', vidRanges }));
    assert.match(
      await refused([{ start: 0, end: 4095 }]),
      /^422 body.vidRanges.0.start: .*; body.vidRanges.0.end: /,
    );
    assert.equal(
      await refused([{ start: 9, end: 5 }]),
      '422 body.vidRanges.0.end: A range runs from its start upwards',
    );
    for (const nonsense of [[], 'all', [{ start: 1 }], [{ start: 1, end: 2, step: 1 }], [[1, 2]]])
      assert.match(await refused(nonsense), /^422 body.vidRanges/, JSON.stringify(nonsense));
    assert.match(faultOf(await engineer.post('/vlan-groups', { name: '100' })), /digits alone/);
    await group('a');
    assert.equal(codeOf(await engineer.post('/vlan-groups', { name: 'a' })), '409 vlan-group-taken');
  });

  it('the group default is there from the start, and stays', async () => {
    const { body } = await engineer.get('/vlan-groups?name=default');
    const [{ id }] = body.items;
    assert.equal(codeOf(await engineer.delete(`/vlan-groups/${id}`)), '409 vlan-group-default');
    assert.equal(
      codeOf(await engineer.patch(`/vlan-groups/${id}`, { name: 'other' })),
      '409 vlan-group-default',
    );
    assert.equal((await engineer.patch(`/vlan-groups/${id}`, { description: 'Ours' })).status, 200);
  });

  it('a VLAN without a group lies in default, and one without a name is called as switches call it', async () => {
    const { id, groupId, vid, name, status, role } = await vlan({ vid: 42 });
    assert.deepEqual([groupId, vid, name, status, role], [1, 42, 'VLAN0042', 'active', null]);
    const { body } = await engineer.get(`/vlans/${id}?include=group`);
    assert.deepEqual(body.group, { id: 1, name: 'default' });
    const access = await group('access');
    assert.equal((await vlan({ vid: 42, group: 'access', name: 'Office' })).groupId, access.id);
    assert.equal((await vlan({ vid: 43, groupId: access.id })).groupId, access.id);
    assert.equal(
      faultOf(await engineer.post('/vlans', { vid: 44, group: 'none' })),
      '422 body.group: There is no VLAN group "none"; GET /vlan-groups lists them.',
    );
  });

  it('a VID is one VLAN of its group, and within the ranges of the group', async () => {
    const access = await group('access', { vidRanges: [{ start: 100, end: 199 }] });
    const { id } = await vlan({ vid: 100, group: 'access' });
    await vlan({ vid: 100 });
    const again = await engineer.post('/vlans', { vid: 100, group: 'access' });
    assert.deepEqual(
      [codeOf(again), again.body.detail],
      ['409 vlan-taken', 'VLAN 100 exists in the group already.'],
    );
    const outside = await engineer.post('/vlans', { vid: 200, group: 'access' });
    assert.deepEqual(
      [codeOf(outside), outside.body.detail],
      ['409 vid-outside-group', 'The VLAN group access has the VIDs 100-199, and 200 is none of them.'],
    );
    assert.equal(codeOf(await engineer.patch(`/vlans/${id}`, { vid: 99 })), '409 vid-outside-group');
    assert.equal((await engineer.patch(`/vlans/${id}`, { vid: 99, group: 'default' })).status, 200);
    for (const vid of [0, 4095, 1.5, '100'])
      assert.match(faultOf(await engineer.post('/vlans', { vid })), /^422 body.vid: /, String(vid));
    await vlan({ vid: 150, group: 'access' });
    const shrunk = await engineer.patch(`/vlan-groups/${access.id}`, {
      vidRanges: [{ start: 100, end: 120 }],
    });
    assert.equal(codeOf(shrunk), '409 vid-ranges-in-use');
    assert.match(shrunk.body.detail, /A VLAN of the group would lie outside of its ranges: 150; /);
  });

  it('are filtered, sorted and asked in q', async () => {
    await group('core', { site: 'Oslo' });
    await vlan({ vid: 10, name: 'Office', role: 'clients' });
    await vlan({ vid: 20, name: 'Voice', status: 'reserved' });
    await vlan({ vid: 10, group: 'core', name: 'Backbone', tags: ['ring'] });
    const names = async (query: string) => {
      const { status, body } = await engineer.get(`/vlans?${query}`);
      assert.equal(status, 200, JSON.stringify(body));
      return body.items.map(({ name }: { name: string }) => name).join(' ');
    };
    for (const [query, wanted] of [
      ['', 'Office Backbone Voice'],
      ['sort=-name', 'Voice Office Backbone'],
      ['vid=10', 'Office Backbone'],
      ['vid__gte=15', 'Voice'],
      ['vid__lte=15&group=default', 'Office'],
      ['group=core', 'Backbone'],
      ['group=1&sort=name', 'Office Voice'],
      ['groupId=1&status=reserved', 'Voice'],
      ['name__contains=OFF', 'Office'],
      ['role=clients', 'Office'],
      ['site=Oslo', 'Backbone'],
      ['site__empty=true', 'Office Voice'],
      ['tag=ring', 'Backbone'],
      ['q=vid > 5 and (group = core or status = reserved)', 'Backbone Voice'],
    ] as const)
      assert.equal(await names(query), wanted, query);
    assert.equal((await engineer.get('/vlans?vlanid=3')).status, 422);
  });

  it('are deleted, but no group in which VLANs lie, and no site to which groups belong', async () => {
    const site = made(await engineer.post('/sites', { name: 'Bergen' }));
    const { id } = await group('core', { siteId: site.id });
    const one = await vlan({ vid: 10, group: 'core' });
    const held = await engineer.delete(`/vlan-groups/${id}`);
    assert.equal(codeOf(held), '409 vlan-group-in-use');
    assert.match(held.body.detail, /^1 VLAN lies in this group/);
    const kept = await engineer.delete(`/sites/${site.id}`);
    assert.equal(codeOf(kept), '409 site-in-use');
    assert.match(kept.body.detail, /^1 VLAN group belongs to this site/);
    assert.equal((await engineer.delete(`/vlans/${one.id}`)).status, 204);
    assert.equal((await engineer.delete(`/vlan-groups/${id}`)).status, 204);
    assert.equal((await engineer.delete(`/sites/${site.id}`)).status, 204);
  });

  it('are announced', async () => {
    heard.length = 0;
    const { id } = await group('core');
    const answer = made(await engineer.post(`/vlan-groups/${id}/allocations`, { count: 2 }));
    const [one, two] = answer.vlans.map((each: { id: number }) => each.id);
    await engineer.patch(`/vlans/${one}`, { name: 'Office' });
    await engineer.delete(`/vlans/${two}`);
    assert.deepEqual(heard, [
      `vlan-group.created ${id} core`,
      `vlan.created ${one} 1`,
      `vlan.created ${two} 2`,
      `vlan.updated ${one} 1`,
      `vlan.deleted ${two} 2`,
    ]);
  });
});
