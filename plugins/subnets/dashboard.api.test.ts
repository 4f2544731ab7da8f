import assert from 'node:assert/strict';
import { type CardContent, type DashboardCard, dashboardCards } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

type Table = Extract<CardContent, { kind: 'table' }>;

describe('the cards of the address space', () => {
  let register: TestRegister;
  let cards: readonly DashboardCard[];
  const load = async <Content = Table>(title: string) => {
    const card = cards.find((each) => each.title === title);
    assert.ok(card, `no card ${title}`);
    return (await card.load()) as Content;
  };
  const labelled = async () => {
    const { figures } = await load<Extract<CardContent, { kind: 'figures' }>>('Address space');
    return Object.fromEntries(figures.map(({ label, value }) => [label, value]));
  };
  const create = async (path: string, body: object) => {
    const reply = await register.as('engineer').post(path, body);
    assert.equal(reply.status, 201, JSON.stringify(reply.body));
  };
  before(async () => {
    register = await startTestRegister([subnets]);
    cards = register.host.extensions(dashboardCards);
  });
  after(() => register.stop());

  it('say what to do next in a register that is empty', async () => {
    assert.deepEqual(
      cards.map(({ permission }) => permission),
      cards.map(() => 'subnets:read'),
    );
    for (const title of ['Recent changes', 'Fullest subnets']) {
      const { rows, empty } = await load(title);
      assert.deepEqual(rows, []);
      assert.match(empty, /\w\.$/);
    }
    assert.deepEqual(await labelled(), {
      VRFs: 1,
      Subnets: 0,
      Addresses: 0,
      Free: 0,
      Reserved: 0,
      Assigned: 0,
      Quarantined: 0,
      Deprecated: 0,
    });
  });

  it('count, chart and name what is registered', async () => {
    await create('/subnets', { cidr: '10.0.0.0/16', status: 'container' });
    for (const cidr of ['10.0.0.0/24', '10.0.1.0/30', '10.0.2.0/24', '2001:db8::/64']) {
      await create('/subnets', { cidr, name: `net ${cidr}` });
    }
    for (const [address, status] of [
      ['10.0.0.1', 'assigned'],
      ['10.0.0.2', 'reserved'],
      ['10.0.1.1', 'assigned'],
      ['10.0.1.2', 'quarantined'],
      ['2001:db8::1', 'assigned'],
    ]) {
      await create('/addresses', { address, status });
    }

    assert.deepEqual(await labelled(), {
      VRFs: 1,
      Subnets: 5,
      Addresses: 5,
      Free: 0,
      Reserved: 1,
      Assigned: 3,
      Quarantined: 1,
      Deprecated: 0,
    });

    const chart = await load<Extract<CardContent, { kind: 'bars' }>>('Addresses by family and status');
    assert.deepEqual(chart.labels, ['IPv4', 'IPv6']);
    assert.deepEqual(Object.fromEntries(chart.series.map(({ label, values }) => [label, values])), {
      Free: [0, 0],
      Reserved: [1, 0],
      Assigned: [2, 1],
      Quarantined: [1, 0],
      Deprecated: [0, 0],
    });
  });

  it('list the fullest subnets first, no containers and none that is not in use', async () => {
    const { rows } = await load('Fullest subnets');
    assert.deepEqual(
      rows.map(({ cells }) => cells),
      [
        { cidr: '10.0.1.0/30', name: 'net 10.0.1.0/30', vrf: 'global', percent: 100, free: 0 },
        { cidr: '10.0.0.0/24', name: 'net 10.0.0.0/24', vrf: 'global', percent: 0.79, free: 252 },
      ],
    );
    const [first] = (await register.as('viewer').get('/subnets?cidr=10.0.1.0/30')).body.items;
    assert.deepEqual(rows[0]?.link, { model: 'Subnet', id: first.id });
  });

  it('name what was changed last, by whom and when', async () => {
    const { rows } = await load('Recent changes');
    assert.equal(rows.length, 10);
    const { network, status, deed, who, at } = rows[0]?.cells ?? {};
    assert.deepEqual([network, status, deed], ['2001:db8::1', 'assigned', 'Registered']);
    assert.match(String(who), /^\w+:\w+/);
    assert.match(String(at), /^\d{4}-\d\d-\d\dT/);
    assert.equal(rows[0]?.link?.model, 'Address');
    assert.equal(rows[9]?.cells.network, '10.0.0.0/16');
  });

  it('share one pass over the addresses where they are loaded together', async () => {
    const [figures, chart] = await Promise.all([labelled(), load('Addresses by family and status')]);
    assert.equal(figures.Addresses, 5);
    assert.ok(chart);
  });
});
