import assert from 'node:assert/strict';
import { lines, Space } from './testing.ts';

describe('renumbering a subnet', () => {
  let space: Space;
  before(async () => {
    space = await Space.start();
  });
  after(() => space.register.stop());
  afterEach(() => space.clear());

  const renumber = (id: number, cidr: string) => space.reshape(id, 'renumber', { cidr });
  const refusal = (id: number, cidr: string) => space.refusal(id, 'renumber', { cidr });

  it('moves the branch with its addresses, gateways and ranges, each to the same place', async () => {
    await space.subnet('10.0.0.0/16');
    const target = await space.subnet('172.16.0.0/12');
    const id = await space.subnet('10.0.4.0/22', { gateway: '10.0.4.1' });
    const child = await space.subnet('10.0.5.0/24', { gateway: '10.0.5.254' });
    const host = await space.address('10.0.5.7', { hostname: 'a.example.net', mac: '00:1a:2b:3c:4d:5e' });
    const range = await space.range('10.0.4.10', '10.0.4.19');
    await space.range('10.0.3.250', '10.0.4.5');
    await space.address('10.0.0.9');
    const answer = await renumber(id, '172.20.8.0/22');
    assert.deepEqual(
      answer.subnets.map((each) => [each.id, each.cidr, each.parentId, each.gateway, each.version]),
      [
        [id, '172.20.8.0/22', target, '172.20.8.1', 2],
        [child, '172.20.9.0/24', id, '172.20.9.254', 2],
      ],
    );
    assert.deepEqual(lines(answer), [
      'update subnet 10.0.4.0/22 cidr 10.0.4.0/22 -> 172.20.8.0/22, gateway 10.0.4.1 -> 172.20.8.1',
      'update subnet 10.0.5.0/24 cidr 10.0.5.0/24 -> 172.20.9.0/24, gateway 10.0.5.254 -> 172.20.9.254',
      'update address 10.0.4.1 address 10.0.4.1 -> 172.20.8.1',
      'update address 10.0.5.7 address 10.0.5.7 -> 172.20.9.7',
      'update address 10.0.5.254 address 10.0.5.254 -> 172.20.9.254',
      'update range 10.0.4.10-10.0.4.19 start 10.0.4.10 -> 172.20.8.10, end 10.0.4.19 -> 172.20.8.19',
    ]);
    assert.deepEqual(answer.warnings, [
      'The range 10.0.3.250 to 10.0.4.5 only reaches into 10.0.4.0/22, and stays.',
    ]);
    const viewer = space.register.as('viewer');
    const { body: address } = await viewer.get(`/addresses/${host}`);
    assert.deepEqual(
      [address.address, address.hostname, address.mac, address.subnetId, address.version],
      ['172.20.9.7', 'a.example.net', '00:1a:2b:3c:4d:5e', child, 2],
    );
    const { body: moved } = await viewer.get(`/ranges/${range}`);
    assert.deepEqual([moved.start, moved.end, moved.version], ['172.20.8.10', '172.20.8.19', 2]);
  });

  it('moves IPv6 and what has no subnet above', async () => {
    const id = await space.subnet('2001:db8:1::/48');
    await space.subnet('2001:db8:1:2::/64');
    await space.address('2001:db8:1:2::42');
    await renumber(id, 'ffff:ffff:ffff::/48');
    assert.deepEqual(await space.tree(), [
      'ffff:ffff:ffff::/48',
      'ffff:ffff:ffff:2::/64 in ffff:ffff:ffff::/48: ffff:ffff:ffff:2::42',
    ]);
  });

  it('moves into the subnet above itself, and there forgets released addresses in its way', async () => {
    await space.subnet('10.0.0.0/16');
    const id = await space.subnet('10.0.0.0/24');
    await space.address('10.0.0.5');
    await space.released('10.0.1.5');
    const answer = await renumber(id, '10.0.1.0/24');
    assert.deepEqual(lines(answer), [
      'delete address 10.0.1.5',
      'update subnet 10.0.0.0/24 cidr 10.0.0.0/24 -> 10.0.1.0/24',
      'update address 10.0.0.5 address 10.0.0.5 -> 10.0.1.5',
    ]);
    assert.deepEqual(await space.tree(), ['10.0.0.0/16', '10.0.1.0/24 in 10.0.0.0/16: 10.0.1.5']);
  });

  it('to the same block changes nothing', async () => {
    const id = await space.subnet('10.0.0.0/24');
    await space.subnet('10.0.0.0/25');
    const answer = await renumber(id, '10.0.0.0/24');
    assert.deepEqual([answer.changes, answer.subnets.length, answer.subnets[0]?.version], [[], 2, 1]);
  });

  it('is refused where the block is not empty, which it counts and names', async () => {
    await space.subnet('10.0.0.0/8');
    const id = await space.subnet('10.0.0.0/24');
    await space.subnet('10.0.1.0/26');
    await space.address('10.0.1.200');
    await space.range('10.0.1.255', '10.0.2.5');
    assert.match(
      await refusal(id, '10.0.1.0/24'),
      /^409 target-not-empty: 10\.0\.1\.0\/24 holds 1 subnet and 1 address and 1 range \(10\.0\.1\.0\/26, 10\.0\.1\.200, 10\.0\.1\.255-10\.0\.2\.5\); choose a block that is empty/,
    );
    assert.match(await refusal(id, '10.0.2.0/24'), /^409 target-not-empty: .*1 range/);
    const same = await space.subnet('10.0.9.0/24');
    assert.match(await refusal(id, '10.0.9.0/24'), /^409 target-not-empty: 10\.0\.9\.0\/24 holds 1 subnet/);
    assert.ok(same);
  });

  it('is refused where it would take the gateway of a subnet that stays along', async () => {
    const above = await space.subnet('10.0.0.0/16', { gateway: '10.0.0.1' });
    const id = await space.subnet('10.0.0.0/24', { gateway: '10.0.0.1' });
    assert.equal(
      await refusal(id, '10.0.5.0/24'),
      '409 address-is-gateway: 10.0.0.1 is the gateway of 10.0.0.0/16; give the subnet another gateway, or none, first.',
    );
    await space.register.as('engineer').patch(`/subnets/${above}`, { gateway: '10.0.9.1' });
    const answer = await renumber(id, '10.0.5.0/24');
    assert.equal(answer.subnets[0]?.gateway, '10.0.5.1');
  });

  it('is refused to a block of another length or family', async () => {
    const id = await space.subnet('10.0.0.0/24');
    assert.match(
      await refusal(id, '10.8.0.0/23'),
      /^422 .*moves to another \/24, .*did you mean 10\.8\.0\.0\/24\?/,
    );
    assert.match(await refusal(id, '2001:db8::/24'), /^422/);
    assert.match(await refusal(id, '2001:d00::/24'), /^422 .*it takes an IPv4 block/);
    assert.match(await refusal(999999, '10.0.0.0/24'), /^404/);
    const stale = await space.call(id, 'renumber', { cidr: '10.8.0.0/24' }, { 'If-Match': '"7"' });
    assert.equal(stale.status, 412);
    assert.equal(
      (await space.register.as('auditor').post(`/subnets/${id}/renumber`, { cidr: '10.8.0.0/24' })).status,
      403,
    );
  });
});
