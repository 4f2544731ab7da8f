import assert from 'node:assert/strict';
import { lines, Space } from './testing.ts';

describe('resizing a subnet', () => {
  let space: Space;
  before(async () => {
    space = await Space.start();
  });
  after(() => space.register.stop());
  afterEach(() => space.clear());

  const resize = (id: number, cidr: string) => space.reshape(id, 'resize', { cidr });
  const refusal = (id: number, cidr: string) => space.refusal(id, 'resize', { cidr });

  it('grows over siblings and over addresses of the subnet above', async () => {
    const top = await space.subnet('10.0.0.0/16');
    const id = await space.subnet('10.0.0.0/24', { name: 'Grows' });
    await space.subnet('10.0.1.0/25');
    await space.address('10.0.0.9');
    await space.address('10.0.1.9');
    await space.address('10.0.1.200');
    await space.released('10.0.1.201');
    await space.address('10.0.2.1');
    const answer = await resize(id, '10.0.0.0/23');
    assert.deepEqual(
      answer.subnets.map((each) => [
        each.id,
        each.cidr,
        each.parentId,
        each.name,
        each.version,
        each.childCount,
      ]),
      [[id, '10.0.0.0/23', top, 'Grows', 2, 1]],
    );
    assert.deepEqual(lines(answer), ['update subnet 10.0.0.0/24 cidr 10.0.0.0/24 -> 10.0.0.0/23']);
    assert.deepEqual(answer.rehomed, [{ from: '10.0.0.0/16', to: '10.0.0.0/23', addresses: 2 }]);
    assert.deepEqual(await space.tree(), [
      '10.0.0.0/16: 10.0.2.1',
      '10.0.0.0/23 in 10.0.0.0/16: 10.0.0.9 10.0.1.200 10.0.1.201',
      '10.0.1.0/25 in 10.0.0.0/23: 10.0.1.9',
    ]);
  });

  it('grows past the subnet above, which keeps what both held', async () => {
    const id = await space.subnet('10.0.0.0/24');
    await space.address('10.0.0.9');
    const middle = await space.subnet('10.0.0.0/16');
    await space.subnet('10.0.0.128/25');
    await space.subnet('10.4.0.0/16');
    const answer = await resize(id, '10.0.0.0/8');
    assert.deepEqual(answer.rehomed, [{ from: '10.0.0.0/24', to: '10.0.0.0/16', addresses: 1 }]);
    assert.deepEqual(await space.tree(), [
      '10.0.0.0/8',
      '10.0.0.0/16 in 10.0.0.0/8: 10.0.0.9',
      '10.0.0.128/25 in 10.0.0.0/16',
      '10.4.0.0/16 in 10.0.0.0/8',
    ]);
    assert.equal((await space.record(middle)).parentId, id);
  });

  it('shrinks, and gives released addresses to the subnet above', async () => {
    await space.subnet('10.0.0.0/16');
    const id = await space.subnet('10.0.0.0/24', { gateway: '10.0.0.1' });
    await space.subnet('10.0.0.64/26');
    await space.address('10.0.0.127', { status: 'reserved' });
    await space.released('10.0.0.128');
    const answer = await resize(id, '10.0.0.0/25');
    assert.deepEqual(lines(answer), ['update subnet 10.0.0.0/24 cidr 10.0.0.0/24 -> 10.0.0.0/25']);
    assert.deepEqual(answer.rehomed, [{ from: '10.0.0.0/24', to: '10.0.0.0/16', addresses: 1 }]);
    assert.deepEqual(await space.tree(), [
      '10.0.0.0/16: 10.0.0.128',
      '10.0.0.0/25 in 10.0.0.0/16: 10.0.0.1',
      '10.0.0.64/26 in 10.0.0.0/25: 10.0.0.127',
    ]);
  });

  it('forgets released addresses where there is no subnet above', async () => {
    const id = await space.subnet('2001:db8::/64');
    await space.released('2001:db8::ffff');
    await space.address('2001:db8::');
    const answer = await resize(id, '2001:db8::/120');
    assert.deepEqual(lines(answer), [
      'update subnet 2001:db8::/64 cidr 2001:db8::/64 -> 2001:db8::/120',
      'delete address 2001:db8::ffff',
    ]);
    assert.deepEqual(answer.warnings, [
      '2001:db8:: is assigned, and is the subnet-router anycast address of 2001:db8::/120.',
    ]);
    assert.deepEqual(await space.tree(), ['2001:db8::/120: 2001:db8::']);
  });

  it('warns of addresses at the new edges', async () => {
    const id = await space.subnet('10.0.0.0/24');
    await space.address('10.0.0.127');
    assert.deepEqual((await resize(id, '10.0.0.0/25')).warnings, [
      '10.0.0.127 is assigned, and is the broadcast address of 10.0.0.0/25.',
    ]);
  });

  it('to the same block changes nothing', async () => {
    const id = await space.subnet('10.0.0.0/24');
    const answer = await resize(id, '10.0.0.0/24');
    assert.deepEqual(
      [answer.changes, answer.rehomed, answer.warnings, answer.subnets[0]?.version],
      [[], [], [], 1],
    );
  });

  it('reaches both ends of the address space', async () => {
    const id = await space.subnet('255.255.255.0/24');
    await space.address('255.255.255.254');
    await resize(id, '0.0.0.0/0');
    await resize(id, '255.255.255.252/30');
    assert.deepEqual(await space.tree(), ['255.255.255.252/30: 255.255.255.254']);
  });

  it('is refused where something would lie outside, which it counts and names', async () => {
    await space.subnet('10.0.0.0/8');
    const id = await space.subnet('10.0.0.0/24', { gateway: '10.0.0.254' });
    await space.subnet('10.0.0.128/26');
    await space.register.db.query(
      `INSERT INTO address (vrf_id, address) SELECT 1, '10.0.0.192'::inet + n FROM generate_series(0, 29) n`,
    );
    await space.range('10.0.0.120', '10.0.0.127');
    const { status, body } = await space.call(id, 'resize', { cidr: '10.0.0.0/26' });
    assert.equal(status, 409);
    assert.equal(body.type, 'urn:cadastre:error:resize-loses');
    assert.match(
      body.detail,
      /^Outside of 10\.0\.0\.0\/26 would lie 1 subnet and 31 addresses and 1 range and 1 gateway \(10\.0\.0\.128\/26, 10\.0\.0\.192, .*, …\); move or delete/,
    );
    assert.deepEqual(
      [body.subnets, body.addresses, body.ranges, body.gateways, body.named.length],
      [1, 31, 1, 1, 20],
    );
    assert.match(await refusal(id, '10.0.0.128/27'), /^409 resize-loses: .*10\.0\.0\.128\/26/);
    assert.match(
      await refusal(id, '10.0.0.128/26'),
      /^409 subnet-taken: 10\.0\.0\.128\/26 exists in the VRF already/,
    );
    assert.match(await refusal(id, '10.0.0.0/8'), /^409 subnet-taken/);
  });

  it('is refused where the policy hands out what would be no part any more', async () => {
    const id = await space.subnet('10.0.0.0/24', { minChildPrefixLength: 25, maxChildPrefixLength: 28 });
    assert.match(
      await refusal(id, '10.0.0.0/25'),
      /^422 .*A \/25 is not a part of 10\.0\.0\.0\/25: .* Change minChildPrefixLength of 10\.0\.0\.0\/24 first/,
    );
    await resize(id, '10.0.0.0/20');
  });

  it('is refused where neither block holds the other', async () => {
    const id = await space.subnet('10.0.0.0/24');
    assert.match(
      await refusal(id, '10.0.2.0/23'),
      /^422 .*neither holds 10\.0\.0\.0\/24 nor lies in it; did you mean 10\.0\.0\.0\/23\?/,
    );
    assert.match(await refusal(id, '10.0.1.0/25'), /did you mean 10\.0\.0\.0\/25\?/);
    assert.match(
      await refusal(id, '10.0.1.0/24'),
      /^422 .*at most a \/23, a smaller one at least a \/25; to move it, renumber it/,
    );
    assert.match(await refusal(id, '2001:db8::/32'), /^422/);
    assert.match(await refusal(id, '10.0.0.1/23'), /^422 .*host bits set; did you mean 10\.0\.0\.0\/23/);
    assert.match(await refusal(999999, '10.0.0.0/23'), /^404/);
    const stale = await space.call(id, 'resize', { cidr: '10.0.0.0/23' }, { 'If-Match': '"7"' });
    assert.equal(stale.status, 412);
  });
});
