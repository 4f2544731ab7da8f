import assert from 'node:assert/strict';
import { definePlugin } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';
import { type Inventory, inventory } from './testing/inventory.ts';

type Answer = Awaited<ReturnType<ReturnType<TestRegister['as']>['get']>>;
const refusal = ({ status, body }: Answer) =>
  `${status} ${body.type?.split(':').at(-1)}: ${body.errors?.map((each: { path: string; message: string }) => `${each.path}: ${each.message}`).join(' ') ?? body.detail}`;

const heard: object[] = [];
const listener = definePlugin({
  name: 'listener',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Hears of addresses.',
  requires: [subnets],
  setup: (ctx) => ctx.on('address.updated', async (_tx, told) => void heard.push(told)),
});

describe('who holds an address', () => {
  let register: TestRegister;
  let engineer: ReturnType<TestRegister['as']>;
  let ids: Inventory;
  before(async () => {
    register = await startTestRegister([subnets, listener]);
    engineer = register.as('engineer');
    ids = await inventory(register.db.query, {
      'core-1': ['eth0', 'eth1'],
      'core-2': ['eth0'],
      'core-3': [],
    });
    await engineer.post('/subnets', { cidr: '10.0.0.0/16' });
    await engineer.post('/subnets', { cidr: '2001:db8::/64' });
  });
  after(() => register.stop());

  let host = 0;
  const newAddress = () => `10.0.${Math.floor(++host / 200)}.${(host % 200) + 1}`;
  const add = async (body: object = {}) => {
    const answer = await engineer.post('/addresses', { address: newAddress(), ...body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const holding = ({ deviceId, interfaceId }: { deviceId: number; interfaceId: number }) => [
    deviceId,
    interfaceId,
  ];
  const core1 = () => ids['core-1'] as number;
  const core2 = () => ids['core-2'] as number;

  it('is named by id or by name, and an interface alone means its device, too', async () => {
    for (const [body, held] of [
      [{ deviceId: core1() }, [core1(), null]],
      [{ device: 'core-1' }, [core1(), null]],
      [{ deviceId: core1(), interfaceId: ids['core-1 eth1'] }, [core1(), ids['core-1 eth1']]],
      [{ device: 'core-1', interface: 'eth1' }, [core1(), ids['core-1 eth1']]],
      [{ deviceId: core2(), interface: 'eth0' }, [core2(), ids['core-2 eth0']]],
      [{ interfaceId: ids['core-2 eth0'] }, [core2(), ids['core-2 eth0']]],
      [{ deviceId: null, interfaceId: null }, [null, null]],
      [{}, [null, null]],
    ] as const) {
      const made = await add(body);
      assert.deepEqual(holding(made), held, JSON.stringify(body));
      const blank = await add();
      assert.deepEqual(holding((await engineer.patch(`/addresses/${blank.id}`, body)).body), held);
    }
  });

  for (const [body, said] of [
    [{ deviceId: 999999 }, 'body.deviceId: There is no device 999999; GET /devices lists them.'],
    [{ device: 'core-9' }, 'body.device: There is no device "core-9"; GET /devices lists them.'],
    [{ interfaceId: 999999 }, 'body.interfaceId: There is no interface 999999.'],
    [
      { device: 'core-1', interface: 'eth9' },
      /body\.interface: core-1 has no interface "eth9"; GET \/devices\/\d+\/interfaces lists them\./,
    ],
    [{ interface: 'eth0' }, 'body.interface: An interface has its name on a device; name that, too.'],
    [
      { deviceId: null, interface: 'eth0' },
      'body.interface: An interface is one of a device; name that, too.',
    ],
    [{ device: 'core-1', deviceId: 1 }, 'body.device: Give deviceId or device, not both'],
    [
      { interface: 'eth0', interfaceId: 1, device: 'core-1' },
      'body.interface: Give interfaceId or interface, not both',
    ],
  ] as const) {
    it(`refuses ${JSON.stringify(body)}`, async () => {
      const blank = await add();
      for (const answer of [
        await engineer.post('/addresses', { address: newAddress(), ...body }),
        await engineer.patch(`/addresses/${blank.id}`, body),
      ]) {
        const told = refusal(answer);
        if (typeof said === 'string') assert.equal(told, `422 invalid: ${said}`);
        else assert.match(told, said);
      }
    });
  }

  it('refuses an interface of another device, and says whose it is', async () => {
    const body = { device: 'core-1', interfaceId: ids['core-2 eth0'] };
    assert.equal(
      refusal(await engineer.post('/addresses', { address: newAddress(), ...body })),
      `422 invalid: body.interfaceId: Interface ${ids['core-2 eth0']} (eth0) is one of core-2, and not of core-1.`,
    );
  });

  it('moves to another device in one call, and leaves the interface that it was on', async () => {
    const made = await add({ device: 'core-1', interface: 'eth0' });
    const at = `/addresses/${made.id}`;
    const moved = (await engineer.patch(at, { device: 'core-2' })).body;
    assert.deepEqual([...holding(moved), moved.version], [core2(), null, 2]);
    const named = (await engineer.patch(at, { device: 'core-1', interface: 'eth1' })).body;
    assert.deepEqual(holding(named), [core1(), ids['core-1 eth1']]);
    assert.deepEqual(holding((await engineer.patch(at, { deviceId: core1() })).body), holding(named));
    assert.deepEqual(holding((await engineer.patch(at, { interface: 'eth0' })).body), [
      core1(),
      ids['core-1 eth0'],
    ]);
    assert.deepEqual(holding((await engineer.patch(at, { interfaceId: null })).body), [core1(), null]);
    assert.deepEqual(holding((await engineer.patch(at, { interfaceId: ids['core-2 eth0'] })).body), [
      core2(),
      ids['core-2 eth0'],
    ]);
    assert.deepEqual(holding((await engineer.patch(at, { device: null })).body), [null, null]);
    assert.deepEqual(holding((await engineer.patch(at, { hostname: 'x' })).body), [null, null]);
  });

  it('changes in a list of addresses, and in a dry run only seemingly', async () => {
    const [one, two] = [await add(), await add()];
    const { status, body } = await engineer.patch('/addresses', [
      { id: one.id, device: 'core-3' },
      { id: two.id, device: 'core-9' },
    ]);
    assert.deepEqual([status, body.errors[0].path], [422, 'body.1.device']);
    const dry = await engineer.patch(`/addresses/${one.id}?dryRun=true`, { device: 'core-3' });
    assert.equal(JSON.stringify(dry.body).includes(`"deviceId":${ids['core-3']}`), true);
    assert.equal((await engineer.get(`/addresses/${one.id}`)).body.deviceId, null);
  });

  it('has one primary address of each family, which is that no more without the device', async () => {
    const first = await add({ device: 'core-3', role: 'primary' });
    const six = await engineer.post('/addresses', {
      address: '2001:db8::3',
      device: 'core-3',
      role: 'primary',
    });
    assert.equal(six.status, 201);
    const said = `409 primary-taken: ${first.address} is the primary IPv4 address of core-3 already (address ${first.id}); give one of the two another role.`;
    const taken = await engineer.post('/addresses', {
      address: newAddress(),
      device: 'core-3',
      role: 'primary',
    });
    assert.equal(refusal(taken), said);
    assert.deepEqual(taken.body.primary, { id: first.id, address: first.address });
    const second = await add({ device: 'core-3' });
    assert.equal(refusal(await engineer.patch(`/addresses/${second.id}`, { role: 'primary' })), said);
    const elsewhere = await add({ device: 'core-2', role: 'primary' });
    assert.equal(refusal(await engineer.patch(`/addresses/${elsewhere.id}`, { device: 'core-3' })), said);
    assert.equal(
      (await engineer.patch(`/addresses/${first.id}`, { hostname: 'a', role: 'primary' })).status,
      200,
    );
    assert.equal((await engineer.patch(`/addresses/${first.id}`, { deviceId: null })).body.role, null);
    assert.equal(
      (await engineer.patch(`/addresses/${elsewhere.id}`, { device: 'core-3' })).body.role,
      'primary',
    );
    const ownerless = await add({ role: 'primary' });
    assert.equal(
      refusal(await engineer.patch(`/addresses/${ownerless.id}`, { device: 'core-3' })).split(':')[0],
      '409 primary-taken',
    );
  });

  it('has one primary address, too, where several ask for that at once', async () => {
    await inventory(register.db.query, { 'race-1': [] });
    const all = await Promise.all(
      Array.from({ length: 8 }, () =>
        engineer.post('/addresses', { address: newAddress(), device: 'race-1', role: 'primary' }),
      ),
    );
    const refusals = all.filter(({ status }) => status !== 201).map(refusal);
    assert.equal(refusals.length, 7, refusals.join(' '));
    for (const each of refusals) assert.match(each, /^409 primary-taken: /);
  });

  it('shows the primary addresses of a device with it', async () => {
    const [four, six] = ['10.0.77.1', '2001:db8::77'];
    await inventory(register.db.query, { 'edge-1': [], 'edge-2': [] });
    for (const address of [four, six])
      await engineer.post('/addresses', { address, device: 'edge-1', role: 'primary' });
    const { body } = await engineer.get('/devices?name__contains=edge&include=primaryAddresses&fields=name');
    const shown = (body.items as { primaryAddresses: Record<string, { address: string } | null> }[]).map(
      ({ primaryAddresses: { ipv4, ipv6 } }) => [ipv4?.address, ipv6?.address],
    );
    assert.deepEqual(shown, [
      [four, six],
      [undefined, undefined],
    ]);
  });

  it('filters lists, also in q, and is embedded', async () => {
    const made = await add({ device: 'core-2', interface: 'eth0', hostname: 'filtered' });
    for (const query of [
      'device=core-2&interface=eth0',
      `device=${core2()}&interfaceId=${ids['core-2 eth0']}`,
      `deviceId=${core2()}&deviceId__empty=false`,
      `q=${encodeURIComponent('device = core-2 and interface = eth0')}`,
      `q=${encodeURIComponent(`deviceId = ${core2()} and device != core-1`)}`,
    ].map((each) => `${each}&hostname=filtered`)) {
      const { body, status } = await engineer.get(`/addresses?${query}`);
      assert.deepEqual([status, body.items?.map(({ id }: { id: number }) => id)], [200, [made.id]], query);
    }
    assert.equal(
      (await engineer.get('/addresses?device__empty=true&hostname=filtered')).body.items.length,
      0,
    );
    const { body } = await engineer.get(
      `/addresses/${made.id}?include=device,interface,assignments&fields=address`,
    );
    const device = { id: core2(), name: 'core-2' };
    const eth0 = { id: ids['core-2 eth0'], name: 'eth0' };
    const own = { id: null, addressId: made.id, own: true, version: null, createdAt: null, createdBy: null };
    assert.deepEqual(body, {
      address: made.address,
      device,
      interface: eth0,
      assignments: [{ ...own, deviceId: device.id, device, interfaceId: eth0.id, interface: eth0 }],
    });
    const blank = await add();
    const empty = await engineer.get(`/addresses/${blank.id}?include=device,interface,assignments&fields=id`);
    assert.deepEqual(empty.body, { id: blank.id, device: null, interface: null, assignments: [] });
  });

  it('is told by look-ups and on the map', async () => {
    const made = await add({ device: 'core-2' });
    const device = { id: core2(), name: 'core-2' };
    const [match] = (await engineer.get(`/lookup/${made.address}`)).body.items;
    assert.deepEqual([match.device, match.address.deviceId], [device, core2()]);
    assert.equal('deviceName' in match.address, false);
    const [none] = (await engineer.get('/lookup/10.0.99.1')).body.items;
    assert.equal(none.device, null);
    const { items } = (
      await engineer.get(`/subnets/${made.subnetId}/map?start=${made.address}&end=${made.address}`)
    ).body;
    assert.deepEqual(items[0].device, device);
  });

  it('tells who hears of it whom it was with and whom it is with', async () => {
    const made = await add({ device: 'core-1', interface: 'eth0' });
    heard.length = 0;
    await engineer.patch(`/addresses/${made.id}`, { device: 'core-2', hostname: 'x' });
    await engineer.patch(`/addresses/${made.id}`, { hostname: 'y' });
    const told = { id: made.id, vrfId: 1, address: made.address };
    assert.deepEqual(heard, [
      {
        ...told,
        moved: {
          from: { deviceId: core1(), interfaceId: ids['core-1 eth0'] },
          to: { deviceId: core2(), interfaceId: null },
        },
      },
      told,
    ]);
  });
});
