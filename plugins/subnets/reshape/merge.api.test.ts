import assert from 'node:assert/strict';
import { lines, Space } from './testing.ts';

describe('merging subnets', () => {
  let space: Space;
  before(async () => {
    space = await Space.start();
  });
  after(() => space.register.stop());
  afterEach(() => space.clear());

  const make = async (...cidrs: string[]) => {
    const ids: number[] = [];
    for (const cidr of cidrs) ids.push(await space.subnet(cidr));
    return ids as [number, ...number[]];
  };

  it('has one grow and take over what the others hold', async () => {
    const [top] = await make('10.0.0.0/16');
    const id = await space.subnet('10.0.1.0/24', {
      name: 'Stays',
      description: 'as it was',
      gateway: '10.0.1.1',
    });
    const other = await space.subnet('10.0.0.0/24', { gateway: '10.0.0.1' });
    await make('10.0.0.64/26');
    await space.address('10.0.0.5');
    await space.address('10.0.0.70');
    await space.address('10.0.1.250');
    const answer = await space.reshape(id, 'merge', { subnetIds: [other, other, id] });
    assert.deepEqual(
      answer.subnets.map((each) => [
        each.id,
        each.cidr,
        each.parentId,
        each.name,
        each.description,
        each.version,
      ]),
      [[id, '10.0.0.0/23', top, 'Stays', 'as it was', 2]],
    );
    assert.deepEqual(lines(answer), [
      'update subnet 10.0.1.0/24 cidr 10.0.1.0/24 -> 10.0.0.0/23',
      'delete subnet 10.0.0.0/24',
    ]);
    assert.deepEqual(answer.rehomed, [{ from: '10.0.0.0/24', to: '10.0.0.0/23', addresses: 2 }]);
    assert.deepEqual(answer.warnings, [
      '10.0.0.1 was the gateway of 10.0.0.0/24; its address stays, and 10.0.1.1 is the gateway of 10.0.0.0/23.',
    ]);
    assert.deepEqual(await space.tree(), [
      '10.0.0.0/16',
      '10.0.0.0/23 in 10.0.0.0/16: 10.0.0.1 10.0.0.5 10.0.1.1 10.0.1.250',
      '10.0.0.64/26 in 10.0.0.0/23: 10.0.0.70',
    ]);
  });

  it('works at the top, with several, of different lengths, and IPv6', async () => {
    const [a, b, c] = await make('2001:db8::/34', '2001:db8:4000::/34', '2001:db8:8000::/33');
    await space.address('2001:db8:4000::1');
    await space.range('2001:db8:8000::10', '2001:db8:8000::20');
    const answer = await space.reshape(b as number, 'merge', { subnetIds: [a, c] });
    assert.deepEqual(
      answer.subnets.map((each) => [each.id, each.cidr, each.parentId]),
      [[b, '2001:db8::/32', null]],
    );
    assert.deepEqual(await space.tree(), ['2001:db8::/32: 2001:db8:4000::1']);
  });

  it('gives everything to the parent where the block is the parent’s own, and the status to a container', async () => {
    const parent = await space.subnet('10.0.0.0/24', { status: 'container', name: 'Parent' });
    const id = await space.subnet('10.0.0.0/25', { status: 'reserved', gateway: '10.0.0.1' });
    const [other] = await make('10.0.0.128/25');
    await space.address('10.0.0.200');
    const answer = await space.reshape(id, 'merge', { subnetIds: [other] });
    assert.deepEqual(
      answer.subnets.map((each) => [
        each.id,
        each.cidr,
        each.name,
        each.status,
        each.version,
        each.childCount,
      ]),
      [[parent, '10.0.0.0/24', 'Parent', 'reserved', 2, 0]],
    );
    assert.deepEqual(lines(answer), [
      'update subnet 10.0.0.0/24 status container -> reserved',
      'delete subnet 10.0.0.0/25',
      'delete subnet 10.0.0.128/25',
    ]);
    assert.deepEqual(answer.warnings, [
      '10.0.0.1 was the gateway of 10.0.0.0/25; its address stays, and no other is the gateway of 10.0.0.0/24.',
    ]);
    assert.deepEqual(await space.tree(), ['10.0.0.0/24: 10.0.0.1 10.0.0.200']);
  });

  it('leaves the status of a parent that is no container', async () => {
    const parent = await space.subnet('10.0.0.0/24', { status: 'deprecated' });
    const [a, b] = await make('10.0.0.0/25', '10.0.0.128/25');
    const answer = await space.reshape(a, 'merge', { subnetIds: [b] });
    assert.deepEqual(lines(answer), ['delete subnet 10.0.0.0/25', 'delete subnet 10.0.0.128/25']);
    const { status, version } = await space.record(parent);
    assert.deepEqual([status, version], ['deprecated', 1]);
  });

  it('is the reverse of a split', async () => {
    const id = await space.subnet('10.0.0.0/24');
    await space.address('10.0.0.64');
    const parts = await space.reshape(id, 'split', { prefixLength: 26 });
    const ids = parts.subnets.map((each) => each.id);
    await space.reshape(ids[0] as number, 'merge', { subnetIds: ids });
    assert.deepEqual(await space.tree(), ['10.0.0.0/24: 10.0.0.64']);
    assert.equal((await space.record(id)).status, 'active');
  });

  it('is refused with what is missing', async () => {
    await make('10.0.0.0/16');
    const [a, b, c, d] = await make('10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24', '10.0.1.0/25');
    const blue = await space.subnet('10.0.1.0/24', { vrf: 'blue' });
    const six = (await make('2001:db8::/32'))[0];
    const [top, second] = await make('192.0.2.0/25', '198.51.100.0/25');
    const refusal = (of: number, ...subnetIds: unknown[]) => space.refusal(of, 'merge', { subnetIds });
    assert.match(
      await refusal(a, b, c),
      /^409 not-mergeable: The smallest block that holds them all is 10\.0\.0\.0\/22, and of that 10\.0\.3\.0\/24 is missing/,
    );
    assert.match(
      await refusal(b as number, c),
      /10\.0\.0\.0\/22, and of that 10\.0\.0\.0\/24, 10\.0\.3\.0\/24 are missing/,
    );
    assert.match(
      await refusal(a, d),
      /^409 not-mergeable: 10\.0\.1\.0\/25 and 10\.0\.0\.0\/24 are not siblings/,
    );
    assert.match(await refusal(a, blue), /^409 not-mergeable: .*one VRF/);
    assert.match(await refusal(top, six), /^409 not-mergeable/);
    assert.match(
      await refusal(top, second),
      /192\.0\.0\.0\/5, and of that 192\.0\.0\.0\/23, .* and \d+ more are missing/,
    );
    assert.match(await refusal(a, a), /^422 .*alone it is one block already/);
    assert.match(await refusal(a, b, 999999), /^422 .*body\.subnetIds\.1: There is no subnet 999999/);
    assert.match(await refusal(a), /^422/);
    assert.match(await refusal(a, 'x'), /^422/);
    assert.match(await refusal(999999, a), /^404/);
    const stale = await space.call(a, 'merge', { subnetIds: [b] }, { 'If-Match': '"7"' });
    assert.equal(stale.status, 412);
  });
});
