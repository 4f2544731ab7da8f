import assert from 'node:assert/strict';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('the VLAN of a subnet', () => {
  let register: TestRegister;
  let engineer: Client;
  /** Ids of VLANs by `group/vid`. */
  const ids: Record<string, number> = {};
  const reference = (name: string) => {
    const [, group, vid] = /^(.*)\/(\d+)$/.exec(name) ?? [];
    return {
      id: ids[name],
      groupId: group === 'default' ? 1 : 2,
      group,
      vid: Number(vid),
      name: `VLAN ${vid}`,
      status: 'active',
    };
  };

  before(async () => {
    register = await startTestRegister([subnets]);
    engineer = register.as('engineer');
    await register.db.query(`INSERT INTO vlan_group (name) VALUES ('core/east')`);
    const rows = await register.db.query<{ name: string; id: number }>(
      `INSERT INTO vlan (group_id, vid, name) VALUES (1, 100, 'VLAN 100'), (1, 200, 'VLAN 200'), (2, 100, 'VLAN 100')
        RETURNING (SELECT name FROM vlan_group g WHERE g.id = group_id) || '/' || vid AS name, id`,
    );
    for (const { name, id } of rows) ids[name] = id;
  });
  after(() => register.stop());
  afterEach(() => register.db.query('DELETE FROM subnet'));

  const make = async (cidr: string, more: object = {}) => {
    const { status, body } = await engineer.post('/subnets', { cidr, ...more });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  };
  const faultOf = ({
    status,
    body,
  }: {
    status: number;
    body: { errors?: { path: string; message: string }[] };
  }) => `${status} ${body.errors?.[0]?.path}: ${body.errors?.[0]?.message}`;

  it('is given by vlanId or as group/vid, changed, and taken away', async () => {
    const { id, vlanId } = await make('10.0.0.0/24', { vlan: 'default/100' });
    assert.equal(vlanId, ids['default/100']);
    assert.equal((await make('10.0.1.0/24', { vlanId: ids['default/200'] })).vlanId, ids['default/200']);
    assert.equal((await make('10.0.3.0/24', { vlan: null })).vlanId, null);
    const change = async (patch: object) => (await engineer.patch(`/subnets/${id}`, patch)).body;
    assert.equal((await change({ vlan: 'core/east/100' })).vlanId, ids['core/east/100']);
    assert.equal((await change({ name: 'Lab' })).vlanId, ids['core/east/100']);
    assert.equal((await change({ vlanId: ids['default/100'] })).version, 4);
    assert.equal((await change({ vlanId: null })).vlanId, null);
  });

  it('has to be there, and to be named once', async () => {
    const refused = async (body: object) =>
      faultOf(await engineer.post('/subnets', { cidr: '10.0.0.0/24', ...body }));
    assert.equal(
      await refused({ vlan: 'default/7' }),
      '422 body.vlan: There is no VLAN default/7; GET /vlans lists them.',
    );
    assert.equal(
      await refused({ vlan: 'none/100' }),
      '422 body.vlan: There is no VLAN none/100; GET /vlans lists them.',
    );
    assert.equal(
      await refused({ vlanId: 999 }),
      '422 body.vlanId: There is no VLAN 999; GET /vlans lists them.',
    );
    assert.match(
      await refused({ vlan: 'office' }),
      /^422 body.vlan: A VLAN is named by its group and its VID, default\/100/,
    );
    // A bare 100 is the VID to who writes it, and the id of some other VLAN to the database.
    assert.match(
      await refused({ vlan: String(ids['default/100']) }),
      /^422 body.vlan: A VLAN is named by its group and its VID, default\/100; its id goes into vlanId/,
    );
    assert.equal(
      await refused({ vlanId: 1, vlan: 'default/100' }),
      '422 body.vlan: Give vlanId or vlan, not both',
    );
    const { id } = await make('10.0.0.0/24');
    assert.match(
      faultOf(await engineer.patch(`/subnets/${id}`, { vlan: 'default/7' })),
      /^422 body.vlan: There is no VLAN/,
    );
    const list = await engineer.patch('/subnets', [
      { id, vlan: 'default/100' },
      { id, vlan: 'default/7' },
    ]);
    assert.match(faultOf(list), /^422 body.1.vlan: There is no VLAN/);
  });

  it('is filtered by, by id, by group/vid and in q', async () => {
    await make('10.0.0.0/24', { vlan: 'default/100' });
    await make('10.0.1.0/24', { vlan: 'core/east/100' });
    await make('10.0.2.0/24');
    for (const [asked, wanted] of [
      ['vlan=default/100', '10.0.0.0/24'],
      ['vlan=core%2Feast/100', '10.0.1.0/24'],
      [`vlan=${ids['default/100']}`, '10.0.0.0/24'],
      [`vlanId=${ids['default/100']}`, '10.0.0.0/24'],
      ['vlan=default/100&vlan=core/east/100', '10.0.0.0/24 10.0.1.0/24'],
      ['vlan=default/4000', ''],
      ['vid=100', '10.0.0.0/24 10.0.1.0/24'],
      ['vid=4000', ''],
      ['q=vid = 100 and name is empty', '10.0.0.0/24 10.0.1.0/24'],
      ['vlan__empty=true', '10.0.2.0/24'],
      ['vlanId__empty=false', '10.0.0.0/24 10.0.1.0/24'],
      ['q=vlan = default/100', '10.0.0.0/24'],
      ['q=vlan in (default/100, default/200) or vlan is empty', '10.0.0.0/24 10.0.2.0/24'],
      ['q=vlan != default/100', '10.0.1.0/24 10.0.2.0/24'],
      [`q=vlanId = ${ids['core/east/100']}`, '10.0.1.0/24'],
    ]) {
      const { status, body } = await engineer.get(`/subnets?${asked}`);
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.items.map(({ cidr }: { cidr: string }) => cidr).join(' '), wanted, asked);
    }
    assert.match(faultOf(await engineer.get('/subnets?vlan=office')), /^422 query.vlan: A VLAN is named by/);
    assert.match(
      faultOf(await engineer.get('/subnets?q=vlan = office')),
      /^422 query.q: .*A VLAN is named by/,
    );
  });

  it('is included when asked for, and always in look-ups', async () => {
    await make('10.0.0.0/16', { vlan: 'default/200' });
    await make('10.0.0.0/24', { vlan: 'core/east/100' });
    const { id } = await make('10.0.0.0/28');
    const { body } = await engineer.get('/subnets?include=vlan&fields=cidr');
    assert.deepEqual(
      body.items.map(({ vlan }: { vlan: unknown }) => vlan),
      [reference('default/200'), reference('core/east/100'), null],
    );
    assert.equal((await engineer.get(`/subnets/${id}?include=vlan`)).body.vlan, null);
    for (const [ip, vlan] of [
      ['10.0.7.7', reference('default/200')],
      ['10.0.0.77', reference('core/east/100')],
      ['10.0.0.7', null],
    ]) {
      const [match] = (await engineer.get(`/lookup/${ip}`)).body.items;
      assert.deepEqual(match.vlan, vlan, String(ip));
    }
  });

  it('cannot be deleted while subnets use it, and shows them', async () => {
    const remove = async (dryRun = '') => {
      const { status, body } = await engineer.delete(`/vlans/${ids['default/200']}${dryRun}`);
      return `${status} ${body.type ?? ''} ${body.detail ?? ''}`;
    };
    const refusal = (detail: string) => `409 urn:cadastre:error:vlan-in-use ${detail}`;
    await make('10.0.0.0/24', { vlan: 'default/200', name: 'Office' });
    assert.equal(await remove(), refusal('1 subnet uses this VLAN; give it another first.'));
    await make('10.0.1.0/24', { vlan: 'default/200' });
    assert.equal(await remove(), refusal('2 subnets use this VLAN; give them another first.'));
    const { body } = await engineer.get('/vlans?include=subnets&group=default&fields=vid');
    const [none, both] = body.items;
    assert.deepEqual(none, { vid: 100, subnets: [] });
    assert.deepEqual(
      both.subnets.map(({ cidr, name, status }: Record<string, unknown>) => [cidr, name, status]),
      [
        ['10.0.0.0/24', 'Office', 'active'],
        ['10.0.1.0/24', null, 'active'],
      ],
    );
    await register.db.query('DELETE FROM subnet');
    assert.match(await remove('?dryRun=true'), /^20\d/);
  });

  describe('stays when subnets are reshaped:', () => {
    const reshape = async (id: number, operation: string, body: object) => {
      const answer = await engineer.post(`/subnets/${id}/${operation}`, body);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body;
    };
    const vlansOf = ({ subnets: all }: { subnets: { cidr: string; vlanId: number }[] }) =>
      all.map(
        ({ cidr, vlanId }) => `${cidr} ${Object.keys(ids).find((name) => ids[name] === vlanId) ?? 'none'}`,
      );

    it('the parts of a split have that of the whole', async () => {
      const { id } = await make('10.0.0.0/24', { vlan: 'default/100' });
      await make('10.0.0.0/25', { vlan: 'default/200' });
      const answer = await reshape(id, 'split', { prefixLength: 25 });
      assert.deepEqual(vlansOf(answer), ['10.0.0.0/25 default/200', '10.0.0.128/25 default/100']);
      assert.deepEqual(answer.changes[0].fields.vlanId, { from: null, to: ids['default/100'] });
    });

    it('a merge keeps that of the subnet that grows, and says which others were', async () => {
      const { id } = await make('10.0.0.0/25', { vlan: 'default/100' });
      const other = await make('10.0.0.128/25', { vlan: 'core/east/100' });
      const answer = await reshape(id, 'merge', { subnetIds: [other.id] });
      assert.deepEqual(vlansOf(answer), ['10.0.0.0/24 default/100']);
      assert.deepEqual(answer.warnings, [
        '10.0.0.128/25 was in VLAN core/east/100; 10.0.0.0/24 is in VLAN default/100.',
      ]);
    });

    it('a parent that takes its children over has its own or, without one, theirs', async () => {
      await make('10.0.0.0/24');
      const one = await make('10.0.0.0/25', { vlan: 'default/100' });
      const two = await make('10.0.0.128/25', { vlan: 'default/100' });
      const answer = await reshape(one.id, 'merge', { subnetIds: [two.id] });
      assert.deepEqual(vlansOf(answer), ['10.0.0.0/24 default/100']);
      assert.deepEqual(answer.changes[0].fields, { vlanId: { from: null, to: ids['default/100'] } });
      assert.deepEqual(answer.warnings, []);
    });

    it('a resized and a renumbered one keep theirs', async () => {
      const { id } = await make('10.0.0.0/24', { vlan: 'default/100' });
      assert.deepEqual(vlansOf(await reshape(id, 'resize', { cidr: '10.0.0.0/23' })), [
        '10.0.0.0/23 default/100',
      ]);
      assert.deepEqual(vlansOf(await reshape(id, 'renumber', { cidr: '10.8.0.0/23' })), [
        '10.8.0.0/23 default/100',
      ]);
    });
  });
});
