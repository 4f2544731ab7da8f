import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('the map of a subnet', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets]);
  });
  after(() => register.stop());
  afterEach(async () => {
    await register.db.query('UPDATE subnet SET gateway = NULL WHERE gateway IS NOT NULL');
    for (const table of ['address', 'ip_range', 'subnet']) await register.db.query(`DELETE FROM ${table}`);
  });

  const make = async (path: string, body: object): Promise<number> => {
    const answer = await register.as('engineer').post(path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  const map = async (id: number, query = '') => {
    const { status, body } = await register.as('viewer').get(`/subnets/${id}/map${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };

  it('says of every address what it is', async () => {
    const id = await make('/subnets', { cidr: '10.0.0.0/28', gateway: '10.0.0.1' });
    const child = await make('/subnets', { cidr: '10.0.0.8/30' });
    const range = await make('/ranges', { start: '10.0.0.7', end: '10.0.0.12', purpose: 'dhcp' });
    const ids: Record<string, number> = {};
    for (const [last, status] of [
      [2, 'assigned'],
      [3, 'reserved'],
      [4, 'quarantined'],
      [5, 'deprecated'],
      [6, 'assigned'],
      [9, 'assigned'],
    ] as const) {
      ids[last] = await make('/addresses', { address: `10.0.0.${last}`, status, hostname: `h${last}` });
    }
    await register.db.query(
      `UPDATE address SET status = 'free', hostname = NULL, available_at = now() + interval '1 hour' WHERE id = $1`,
      [ids[6]],
    );
    const { items, ...rest } = await map(id);
    assert.deepEqual(rest, { subnetId: id, cidr: '10.0.0.0/28', start: '10.0.0.0', end: '10.0.0.15' });
    const [gateway] = await register.db.query<{ id: number }>(
      `SELECT id FROM address WHERE address = '10.0.0.1'`,
    );
    const at = (n: number) => ({ address: `10.0.0.${n}` });
    assert.deepEqual(items, [
      { ...at(0), state: 'network' },
      { ...at(1), state: 'reserved', id: gateway?.id, role: 'gateway' },
      { ...at(2), state: 'assigned', id: ids[2], hostname: 'h2' },
      { ...at(3), state: 'reserved', id: ids[3], hostname: 'h3' },
      { ...at(4), state: 'quarantined', id: ids[4], hostname: 'h4' },
      { ...at(5), state: 'deprecated', id: ids[5], hostname: 'h5' },
      { ...at(6), state: 'cooling', id: ids[6] },
      { ...at(7), state: 'free', rangeId: range },
      { ...at(8), state: 'subnet', subnetId: child },
      { ...at(9), state: 'subnet', subnetId: child },
      { ...at(10), state: 'subnet', subnetId: child },
      { ...at(11), state: 'subnet', subnetId: child },
      { ...at(12), state: 'free', rangeId: range },
      { ...at(13), state: 'free' },
      { ...at(14), state: 'free' },
      { ...at(15), state: 'broadcast' },
    ]);
    assert.deepEqual((await map(id, '?start=10.0.0.6&end=10.0.0.9')).items, items.slice(6, 10));
    assert.deepEqual((await map(id, '?start=10.0.0.10')).items, items.slice(10));
    assert.deepEqual((await map(child)).items[1], {
      ...at(9),
      state: 'assigned',
      id: ids[9],
      hostname: 'h9',
      rangeId: range,
    });
  });

  it('is drawn of a part of IPv6, and of a large block with large children', async () => {
    const six = await make('/subnets', { cidr: '2001:db8::/64' });
    await make('/addresses', { address: '2001:db8::ff' });
    const { items, start, end } = await map(six, '?start=2001:DB8::fe&end=2001:db8::100');
    assert.deepEqual([start, end], ['2001:db8::fe', '2001:db8::100']);
    assert.deepEqual(
      items.map(({ address, state }: { address: string; state: string }) => `${address} ${state}`),
      ['2001:db8::fe free', '2001:db8::ff assigned', '2001:db8::100 free'],
    );
    assert.equal((await map(six, '?end=2001:db8::')).items[0].state, 'network');
    const eight = await make('/subnets', { cidr: '10.0.0.0/8' });
    const child = await make('/subnets', { cidr: '10.4.0.0/16' });
    await make('/subnets', { cidr: '10.2.0.0/16' });
    const part = await map(eight, '?start=10.4.255.254&end=10.5.0.1');
    assert.deepEqual(
      part.items.map(({ state, subnetId }: { state: string; subnetId?: number }) => [state, subnetId]),
      [
        ['subnet', child],
        ['subnet', child],
        ['free', undefined],
        ['free', undefined],
      ],
    );
    const twenty = await make('/subnets', { cidr: '10.4.16.0/20' });
    assert.equal((await map(twenty)).items.length, 4096);
  });

  it('is refused where it is too large or lies outside', async () => {
    const id = await make('/subnets', { cidr: '10.0.0.0/19' });
    const refusal = async (query: string, of = id) => {
      const { status, body } = await register.as('viewer').get(`/subnets/${of}/map${query}`);
      return `${status} ${body.errors?.[0].path}: ${body.errors?.[0].message}`;
    };
    assert.equal(
      await refusal(''),
      '422 query.end: 8192 addresses are too many for one map; ask for at most 4096 with start and end, as in start=10.0.0.0&end=10.0.15.255.',
    );
    assert.match(await refusal('?start=10.0.15.255'), /^422 query\.end: 4097 addresses are too many/);
    assert.match(
      await refusal('?start=9.255.255.255&end=10.0.32.0'),
      /^422 query\.start: 9\.255\.255\.255 does not lie in 10\.0\.0\.0\/19; ask for addresses from 10\.0\.0\.0 to 10\.0\.31\.255/,
    );
    assert.match(await refusal('?start=::1'), /^422 query\.start/);
    assert.match(
      await refusal('?start=10.0.0.9&end=10.0.0.8'),
      /^422 query\.end: 10\.0\.0\.8 comes before 10\.0\.0\.9/,
    );
    assert.match(await refusal('?start=10.0.0'), /^422 query\.start: .*shorthand/);
    assert.match(await refusal('?from=10.0.0.0'), /^422/);
    assert.match(await refusal('', 999999), /^404/);
    const six = await make('/subnets', { cidr: '::/0' });
    assert.match(await refusal('', six), /as in start=::&end=::fff\./);
  });
});
