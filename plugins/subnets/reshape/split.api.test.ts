import assert from 'node:assert/strict';
import { lines, Space } from './testing.ts';

describe('splitting a subnet', () => {
  let space: Space;
  before(async () => {
    space = await Space.start();
  });
  after(() => space.register.stop());
  afterEach(() => space.clear());

  it('makes equal parts that take the addresses over, and a container of what it covers', async () => {
    const id = await space.subnet('10.0.0.0/24', { name: 'Office' });
    await space.address('10.0.0.5');
    await space.released('10.0.0.6');
    await space.address('10.0.0.200');
    const answer = await space.reshape(id, 'split', {
      prefixLength: 25,
      name: 'Half',
      tags: ['new'],
      status: 'reserved',
    });
    assert.deepEqual(
      answer.subnets.map(({ cidr, name, status, tags, parentId }) => [cidr, name, status, tags, parentId]),
      [
        ['10.0.0.0/25', 'Half', 'reserved', ['new'], id],
        ['10.0.0.128/25', 'Half', 'reserved', ['new'], id],
      ],
    );
    assert.deepEqual(lines(answer), [
      'create subnet 10.0.0.0/25 cidr null -> 10.0.0.0/25, status null -> reserved, name null -> Half, tags null -> new',
      'create subnet 10.0.0.128/25 cidr null -> 10.0.0.128/25, status null -> reserved, name null -> Half, tags null -> new',
      'update subnet 10.0.0.0/24 status active -> container',
    ]);
    assert.deepEqual(answer.rehomed, [
      { from: '10.0.0.0/24', to: '10.0.0.0/25', addresses: 2 },
      { from: '10.0.0.0/24', to: '10.0.0.128/25', addresses: 1 },
    ]);
    assert.deepEqual(answer.warnings, []);
    const whole = await space.record(id);
    assert.deepEqual(
      [whole.status, whole.version, whole.name, whole.utilization.percent],
      ['container', 2, 'Office', 100],
    );
  });

  it('cuts parts of several lengths, each the lowest free block, in the order given', async () => {
    const id = await space.subnet('10.0.0.0/24');
    await space.subnet('10.0.0.64/27');
    await space.address('10.0.0.200');
    const answer = await space.reshape(id, 'split', { prefixLengths: [26, 25, 28, 28] });
    assert.deepEqual(
      answer.subnets.map(({ cidr }) => cidr),
      ['10.0.0.0/26', '10.0.0.128/25', '10.0.0.96/28', '10.0.0.112/28'],
    );
    assert.deepEqual(answer.rehomed, [{ from: '10.0.0.0/24', to: '10.0.0.128/25', addresses: 1 }]);
    assert.equal((await space.record(id)).status, 'container');
  });

  it('warns of addresses that become network or broadcast addresses', async () => {
    const id = await space.subnet('10.0.0.0/24');
    for (const each of ['10.0.0.63', '10.0.0.64', '10.0.0.65']) await space.address(each);
    await space.released('10.0.0.128');
    assert.deepEqual((await space.reshape(id, 'split', { prefixLength: 26 })).warnings, [
      '10.0.0.63 is assigned, and is the broadcast address of 10.0.0.0/26.',
      '10.0.0.64 is assigned, and is the network address of 10.0.0.64/26.',
    ]);
    const six = await space.subnet('2001:db8::/64');
    await space.address('2001:db8::1:0');
    await space.address('2001:db8::ffff');
    const { warnings } = await space.reshape(six, 'split', { prefixLengths: [112, 112] });
    assert.deepEqual(warnings, [
      '2001:db8::1:0 is assigned, and is the subnet-router anycast address of 2001:db8::1:0/112.',
    ]);
  });

  it('keeps parts that exist, and puts smaller children into the new ones', async () => {
    const id = await space.subnet('10.0.0.0/24');
    const kept = await space.subnet('10.0.0.64/26', { name: 'Kept' });
    await space.subnet('10.0.0.128/28');
    await space.address('10.0.0.130');
    await space.address('10.0.0.150');
    const answer = await space.reshape(id, 'split', { prefixLength: 26, name: 'New' });
    assert.deepEqual(
      answer.subnets.map(({ name }) => name),
      ['New', 'Kept', 'New', 'New'],
    );
    assert.equal(answer.subnets[1]?.id, kept);
    assert.equal(answer.subnets[1]?.version, 1);
    assert.deepEqual(await space.tree(), [
      '10.0.0.0/24',
      '10.0.0.0/26 in 10.0.0.0/24',
      '10.0.0.64/26 in 10.0.0.0/24',
      '10.0.0.128/26 in 10.0.0.0/24: 10.0.0.150',
      '10.0.0.128/28 in 10.0.0.128/26: 10.0.0.130',
      '10.0.0.192/26 in 10.0.0.0/24',
    ]);
    const again = await space.reshape(id, 'split', { prefixLength: 26 });
    assert.deepEqual([again.subnets.length, again.changes, again.rehomed], [4, [], []]);
  });

  it('leaves the status while something is not covered, and lets ranges lie across parts', async () => {
    const id = await space.subnet('10.0.0.0/24');
    await space.range('10.0.0.60', '10.0.0.69');
    const answer = await space.reshape(id, 'split', { prefixLengths: [26, 26] });
    assert.deepEqual(
      lines(answer).map((line) => line.split(' ')[0]),
      ['create', 'create'],
    );
    assert.equal((await space.record(id)).status, 'active');
    await space.reshape(id, 'split', { prefixLengths: [25] });
    assert.equal((await space.record(id)).status, 'container');
  });

  it('is refused with what would be right', async () => {
    const id = await space.subnet('10.0.0.0/16');
    await space.subnet('10.0.0.0/20');
    const six = await space.subnet('2001:db8::/32');
    const one = await space.subnet('192.0.2.1/32');
    const refusal = (of: number, body: object) => space.refusal(of, 'split', body);
    assert.match(
      await refusal(id, { prefixLength: 16 }),
      /^422 .*A \/16 is not a part of 10\.0\.0\.0\/16: its parts are \/17 to \/32/,
    );
    assert.match(
      await refusal(id, { prefixLengths: [20, 33] }),
      /^422 .*body\.prefixLengths\.1: A \/33 is not a part/,
    );
    assert.match(await refusal(one, { prefixLength: 32 }), /it has no parts/);
    assert.match(
      await refusal(id, { prefixLength: 27 }),
      /^422 .*has 2048 \/27; at most 1024 are made at once, so \/26 is the longest/,
    );
    assert.match(
      await refusal(six, { prefixLength: 128 }),
      /^422 .*has 79228162514264337593543950336 \/128; .*so \/42 is the longest/,
    );
    assert.match(
      await refusal(id, { prefixLength: 24 }),
      /^409 subnet-in-the-way: 10\.0\.0\.0\/16 has the larger 10\.0\.0\.0\/20/,
    );
    assert.match(
      await refusal(id, { prefixLengths: [17, 18, 17] }),
      /^409 insufficient-space: 10\.0\.0\.0\/16 has no free \/17 left after 2 of the 3 parts/,
    );
    assert.match(await refusal(id, {}), /^422 .*one of the two/);
    assert.match(await refusal(id, { prefixLength: 20, prefixLengths: [20] }), /^422 .*one of the two/);
    assert.match(await refusal(id, { prefixLengths: [] }), /^422/);
    assert.match(await refusal(id, { prefixLength: 20, cidr: 'x' }), /^422/);
    assert.match(await refusal(999999, { prefixLength: 20 }), /^404/);
  });

  it('needs the permission and honours If-Match', async () => {
    const id = await space.subnet('10.0.0.0/24');
    const body = { prefixLength: 25 };
    assert.equal((await space.register.as('viewer').post(`/subnets/${id}/split`, body)).status, 403);
    const stale = await space.call(id, 'split', body, { 'If-Match': '"7"' });
    assert.deepEqual([stale.status, stale.body.current.version], [412, 1]);
    assert.equal((await space.call(id, 'split', body, { 'If-Match': '"1"' })).status, 200);
  });

  it('makes a thousand parts of IPv6', async () => {
    const id = await space.subnet('2001:db8::/48');
    const answer = await space.reshape(id, 'split', { prefixLength: 58 });
    assert.deepEqual([answer.subnets.length, answer.subnets.at(-1)?.cidr], [1024, '2001:db8:0:ffc0::/58']);
    assert.equal((await space.record(id)).childCount, 1024);
  });
});
