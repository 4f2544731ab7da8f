import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('what is free in a subnet', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets]);
  });
  after(() => register.stop());
  afterEach(() =>
    register.db.query('DELETE FROM address').then(() => register.db.query('DELETE FROM subnet')),
  );

  const engineer = () => register.as('engineer');
  const make = async (...cidrs: string[]): Promise<number> => {
    const made: number[] = [];
    for (const cidr of cidrs) made.push((await engineer().post('/subnets', { cidr })).body.id);
    return made[0] as number;
  };
  /** All items of a list, fetched by pages of `limit`. */
  const walk = async (path: string, limit: number) => {
    const items: unknown[] = [];
    for (let cursor = ''; ; ) {
      const { status, body } = await engineer().get(
        `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`,
      );
      assert.equal(status, 200, JSON.stringify(body));
      assert.ok(body.items.length <= limit);
      items.push(...body.items);
      if (body.nextCursor === null) return items;
      cursor = `&cursor=${body.nextCursor}`;
    }
  };

  it('is told as runs, lowest first', async () => {
    const id = await make('10.0.0.0/24', '10.0.0.64/26');
    await engineer().post('/addresses', { address: '10.0.0.9' });
    const { body } = await engineer().get(`/subnets/${id}/free`);
    assert.deepEqual(body, {
      items: [
        { start: '10.0.0.0', end: '10.0.0.8', size: 9 },
        { start: '10.0.0.10', end: '10.0.0.63', size: 54 },
        { start: '10.0.0.128', end: '10.0.0.255', size: 128 },
      ],
      nextCursor: null,
      total: null,
    });
    const six = await make('2001:db8::/64');
    assert.deepEqual((await engineer().get(`/subnets/${six}/free`)).body.items, [
      { start: '2001:db8::', end: '2001:db8::ffff:ffff:ffff:ffff', size: '18446744073709551616' },
    ]);
  });

  it('is told as the largest aligned blocks, or as those of one length', async () => {
    const id = await make('10.0.0.0/16', '10.0.0.0/20', '10.0.32.0/20', '10.0.128.0/18');
    const blocks = async (query = '') =>
      (await engineer().get(`/subnets/${id}/free-subnets${query}`)).body.items;
    assert.deepEqual(await blocks(), ['10.0.16.0/20', '10.0.48.0/20', '10.0.64.0/18', '10.0.192.0/18']);
    assert.deepEqual(await blocks('?prefixLength=18'), ['10.0.64.0/18', '10.0.192.0/18']);
    assert.deepEqual(await blocks('?prefixLength=19'), [
      '10.0.64.0/19',
      '10.0.96.0/19',
      '10.0.192.0/19',
      '10.0.224.0/19',
    ]);
    assert.deepEqual(await blocks('?prefixLength=16'), []);
  });

  it('is the same by small pages as at once', async () => {
    const id = await make('10.0.0.0/22', '10.0.0.32/27', '10.0.1.128/26');
    for (const n of [1, 3, 4, 9, 31, 64, 130, 131, 200])
      await engineer().post('/addresses', { address: `10.0.0.${n}` });
    for (const path of [
      'free',
      'free-subnets',
      'free-subnets?prefixLength=28',
      'free-subnets?prefixLength=32',
    ]) {
      const whole = await walk(`/subnets/${id}/${path}`, 1000);
      assert.ok(whole.length > 3);
      for (const limit of [1, 2, 7])
        assert.deepEqual(await walk(`/subnets/${id}/${path}`, limit), whole, `${path} ${limit}`);
    }
  });

  it('goes on behind more spans than are fetched at once', async () => {
    const id = await make('10.0.0.0/20');
    await register.db.query(
      `INSERT INTO address (vrf_id, address) SELECT 1, '10.0.0.0'::inet + 2 * n FROM generate_series(0, 999) n`,
    );
    assert.equal((await walk(`/subnets/${id}/free-subnets?prefixLength=32`, 300)).length, 4096 - 1000);
    assert.equal(
      (await walk(`/subnets/${id}/free-subnets`, 1000)).length,
      (await walk(`/subnets/${id}/free-subnets`, 130)).length,
    );
  });

  it('can be walked up to both ends of the address space', async () => {
    const four = await make('0.0.0.0/0', '64.0.0.0/2');
    assert.deepEqual(await walk(`/subnets/${four}/free-subnets`, 1), ['0.0.0.0/2', '128.0.0.0/1']);
    const six = await make('::/0', '4000::/2');
    assert.deepEqual(await walk(`/subnets/${six}/free-subnets`, 1), ['::/2', '8000::/1']);
    assert.deepEqual((await walk(`/subnets/${six}/free`, 1)).length, 2);
    assert.equal(
      (await engineer().get(`/subnets/${six}/free-subnets?prefixLength=64&limit=3`)).body.items.at(-1),
      '0:0:0:2::/64',
    );
  });

  it('is told too where a run begins or ends among the addresses that IPv4 is mapped to', async () => {
    const id = await make('::/64', '::fffe:0:0/96');
    for (const path of ['free', 'free-subnets']) {
      const whole = await walk(`/subnets/${id}/${path}`, 1000);
      assert.deepEqual(await walk(`/subnets/${id}/${path}`, 1), whole);
    }
  });

  it('is asked for within bounds', async () => {
    const id = await make('10.0.0.0/24');
    const refusal = async (path: string) => {
      const { status, body } = await engineer().get(`/subnets/${id}/${path}`);
      return `${status} ${body.errors?.[0].path}`;
    };
    assert.equal(await refusal('free-subnets?prefixLength=33'), '422 query.prefixLength');
    assert.equal(await refusal('free-subnets?prefixLength=129'), '422 query.prefixLength');
    assert.equal(await refusal('free-subnets?prefixLength=x'), '422 query.prefixLength');
    assert.equal(await refusal('free-subnets?prefixLength='), '422 query.prefixLength');
    assert.equal(await refusal('free?limit=0'), '422 query.limit');
    assert.equal(await refusal('free?cursor=abc'), '422 query.cursor');
    assert.equal((await engineer().get('/subnets/999999/free')).status, 404);
    assert.equal((await engineer().get('/subnets/999999/free-subnets')).status, 404);
  });
});
