import assert from 'node:assert/strict';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { vlans } from './index.ts';

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each call answers another shape
  body: any;
}

describe('handing out VIDs', () => {
  let register: TestRegister;
  let engineer: Client;
  let id: number;
  before(async () => {
    register = await startTestRegister([vlans]);
    engineer = register.as('engineer');
  });
  after(() => register.stop());
  beforeEach(async () => {
    const vidRanges = [
      { start: 100, end: 104 },
      { start: 200, end: 209 },
    ];
    ({ id } = (await engineer.post('/vlan-groups', { name: 'access', vidRanges })).body);
  });
  afterEach(async () => {
    await register.db.query('DELETE FROM vlan');
    await register.db.query(`DELETE FROM vlan_group WHERE name <> 'default'`);
  });

  const take = (body: object = {}, query = '', headers = {}) =>
    engineer.post(`/vlan-groups/${id}/allocations${query}`, body, headers);
  const vidsOf = ({ status, body }: Answer): number[] => {
    assert.equal(status, 201, JSON.stringify(body));
    return body.vlans.map(({ vid }: { vid: number }) => vid);
  };
  const problemOf = ({ status, body }: Answer) => `${status} ${body.type.split(':').at(-1)}: ${body.detail}`;
  const free = async (query = '') => (await engineer.get(`/vlan-groups/${id}/free-vids${query}`)).body;

  it('gives the lowest that are free, across ranges, with what is said of them', async () => {
    await engineer.post('/vlans', { groupId: id, vid: 101, name: 'There' });
    assert.deepEqual(vidsOf(await take()), [100]);
    const { body } = await take({
      count: 4,
      name: 'Lab',
      status: 'reserved',
      role: 'clients',
      description: 'For tests',
      tags: ['lab'],
      metadata: { ticket: 7 },
      customFields: { rack: 'R7' },
    });
    assert.deepEqual(
      body.vlans.map(({ vid, name, status, role }: Record<string, unknown>) => [vid, name, status, role]),
      [102, 103, 104, 200].map((vid) => [vid, 'Lab', 'reserved', 'clients']),
    );
    const [{ description, tags, metadata, customFields, groupId, version }] = body.vlans;
    assert.deepEqual(
      [description, tags, metadata, customFields, groupId, version],
      ['For tests', ['lab'], { ticket: 7 }, { rack: 'R7' }, id, 1],
    );
    assert.equal((await take()).body.vlans[0].name, 'VLAN0201');
    await engineer.delete(`/vlans/${body.vlans[1].id}`);
    assert.deepEqual(vidsOf(await take()), [103], 'what was deleted is free again');
  });

  it('gives all that are asked for or none, and says how many are free', async () => {
    assert.equal(
      problemOf(await take({ count: 16 })),
      '409 vids-exhausted: The VLAN group access has 15 free VIDs left, and 16 were asked for.',
    );
    assert.deepEqual((await free()).items.length, 2);
    assert.equal(vidsOf(await take({ count: 15 })).length, 15);
    const full = await take();
    assert.equal(
      problemOf(full),
      '409 vids-exhausted: The VLAN group access has no free VID left, and 1 was asked for.',
    );
    assert.deepEqual([full.body.free, full.body.wanted], [0, 1]);
    assert.deepEqual((await free()).items, []);
  });

  it('gives the very VID that is named, unless a VLAN has it or the group has not', async () => {
    const [{ id: holder }] = (await take({ vid: 205, name: 'Voice' })).body.vlans;
    const taken = await take({ vid: 205 });
    assert.equal(problemOf(taken), `409 vlan-taken: VLAN 205 of access is Voice already (VLAN ${holder}).`);
    assert.deepEqual(taken.body.holder, { id: holder, vid: 205, name: 'Voice', status: 'active' });
    assert.match(
      problemOf(await take({ vid: 150 })),
      /^409 vid-outside-group: .* has the VIDs 100-104, 200-209, and 150 is none/,
    );
    assert.equal((await take({ vid: 206, count: 2 })).status, 422);
    assert.equal((await take({ vid: 206, count: 1 })).status, 201);
  });

  it('keeps nothing of a dry run, and gives once for an Idempotency-Key', async () => {
    const dry = await take({ count: 2 }, '?dryRun=true');
    assert.deepEqual([dry.status, vidsOf({ status: 201, body: dry.body })], [200, [100, 101]]);
    const keyed = () => take({ count: 2 }, '', { 'Idempotency-Key': 'one' });
    const once = vidsOf(await keyed());
    assert.deepEqual(
      [once, vidsOf(await keyed())],
      [
        [100, 101],
        [100, 101],
      ],
    );
    assert.equal((await engineer.get(`/vlans?groupId=${id}&count=exact`)).body.total, 2);
  });

  it('refuses what it cannot understand, and groups that are not there', async () => {
    for (const body of [
      { count: 0 },
      { count: 1001 },
      { count: 1.5 },
      { vids: [1] },
      { status: 'free' },
      { vid: 0 },
    ])
      assert.equal((await take(body)).status, 422, JSON.stringify(body));
    assert.equal((await engineer.post('/vlan-groups/999/allocations', {})).status, 404);
    assert.equal((await engineer.get('/vlan-groups/999/free-vids')).status, 404);
    assert.equal((await register.as('viewer').post(`/vlan-groups/${id}/allocations`, {})).status, 403);
  });

  it('gives 32 callers of a group with 20 left 20 VIDs, and tells 12 that there are none', async () => {
    await engineer.patch(`/vlan-groups/${id}`, { vidRanges: [{ start: 1, end: 40 }] });
    assert.equal(vidsOf(await take({ count: 20 })).length, 20);
    const answers = await Promise.all(Array.from({ length: 32 }, () => take()));
    const [given, refused] = [201, 409].map((code) => answers.filter(({ status }) => status === code));
    assert.deepEqual(
      given?.flatMap(vidsOf).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, nth) => 21 + nth),
    );
    assert.deepEqual(
      refused?.map(({ body }) => body.type),
      Array.from({ length: 12 }, () => 'urn:cadastre:error:vids-exhausted'),
    );
  });

  it('lists the runs of VIDs that are free, page by page', async () => {
    await take({ vid: 102 });
    await take({ vid: 200 });
    const all = [
      { start: 100, end: 101, size: 2 },
      { start: 103, end: 104, size: 2 },
      { start: 201, end: 209, size: 9 },
    ];
    assert.deepEqual(await free(), { items: all, nextCursor: null, total: null });
    const first = await free('?limit=2&count=exact');
    assert.deepEqual([first.items, first.total], [all.slice(0, 2), 3]);
    assert.deepEqual((await free(`?limit=2&cursor=${first.nextCursor}`)).items, all.slice(2));
    assert.deepEqual((await free('?sort=-size&limit=1')).items, all.slice(2));
    assert.deepEqual((await free('?size__gte=5')).items, all.slice(2));
    assert.equal((await engineer.get(`/vlan-groups/${id}/free-vids?cursor=x`)).status, 422);
  });
});
