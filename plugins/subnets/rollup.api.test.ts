import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('the roll-up of a branch', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([subnets]);
  });
  afterEach(() => register.stop());

  const make = async (cidr: string, more = {}) =>
    (await register.as('engineer').post('/subnets', { cidr, ...more })).body.id as number;
  const put = async (address: string, status = 'assigned') => {
    const answer = await register.as('engineer').post('/addresses', { address, status });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
  };
  const remove = async (id: number, cascade = 'rehome') => {
    const { status } = await register.as('admin').delete(`/subnets/${id}?cascade=${cascade}`);
    assert.equal(status, 204);
  };
  const fold = () => register.runJob('subnets.rollup');
  /** What is used below each subnet, as the list tells it. */
  const used = async () => {
    const { body } = await register.as('viewer').get('/subnets');
    return body.items.map(
      ({ cidr, rollup }: { cidr: string; rollup: { used: number } }) => `${cidr} ${rollup.used}`,
    );
  };

  it('sums what is really in use in the subnet and everything below it, some seconds later', async () => {
    const top = await make('10.0.0.0/16', { status: 'container' });
    await make('10.0.0.0/24');
    const low = await make('10.0.0.0/26');
    for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.70', '10.0.9.9']) await put(address);
    await put('10.0.0.71', 'reserved');
    await put('10.0.0.3', 'quarantined');
    await register
      .as('engineer')
      .post('/ranges', { start: '10.0.0.200', end: '10.0.0.209', purpose: 'dhcp' });
    const before = (await register.as('viewer').get(`/subnets/${top}`)).body.rollup;
    assert.equal(before.used, 0);
    await fold();
    const { rollup } = (await register.as('viewer').get(`/subnets/${top}`)).body;
    assert.deepEqual(
      { ...rollup, asOf: undefined },
      {
        total: 65_536,
        used: 16,
        reserved: 1,
        quarantined: 1,
        free: 65_520,
        percent: 0.02,
        asOf: undefined,
      },
    );
    assert.ok(Date.parse(rollup.asOf) > Date.parse(before.asOf));
    assert.deepEqual(await used(), ['10.0.0.0/16 16', '10.0.0.0/24 15', '10.0.0.0/26 3']);
    const patched = await register.as('engineer').patch(`/subnets/${low}`, { name: 'lab' });
    assert.equal(patched.body.rollup.used, 3);
  });

  it('keeps up with subnets that come and go, whatever is still pending', async () => {
    await make('10.0.0.0/16');
    const middle = await make('10.0.0.0/20');
    const low = await make('10.0.1.0/24');
    await put('10.0.1.1');
    await put('10.0.0.1');
    await fold();
    await put('10.0.1.2');
    await make('10.0.0.0/22');
    await put('10.0.0.2');
    await fold();
    assert.deepEqual(await used(), ['10.0.0.0/16 4', '10.0.0.0/20 4', '10.0.0.0/22 4', '10.0.1.0/24 2']);
    await put('10.0.1.3');
    await remove(low);
    await put('10.0.1.4');
    await remove(middle);
    await fold();
    assert.deepEqual(await used(), ['10.0.0.0/16 6', '10.0.0.0/22 6']);
    assert.deepEqual(await register.db.query('SELECT * FROM rollup_delta'), []);
  });

  it('is counted anew where many subnets come and go at once, or move', async () => {
    await make('10.0.0.0/16');
    for (const address of ['10.0.1.1', '10.0.1.2', '10.0.2.1']) await put(address);
    await fold();
    await register.db.query(
      "INSERT INTO subnet (vrf_id, cidr) SELECT id, unnest('{10.0.0.0/22,10.0.1.0/24,10.0.2.0/24}'::cidr[]) FROM vrf",
    );
    await fold();
    assert.deepEqual(await used(), ['10.0.0.0/16 3', '10.0.0.0/22 3', '10.0.1.0/24 2', '10.0.2.0/24 1']);
    const [row] = await register.db.query("SELECT id FROM subnet WHERE cidr = '10.0.1.0/24'");
    const moved = await register.as('engineer').post(`/subnets/${row?.id}/renumber`, { cidr: '10.0.9.0/24' });
    assert.equal(moved.status, 200, JSON.stringify(moved.body));
    await fold();
    assert.deepEqual(await used(), ['10.0.0.0/16 3', '10.0.0.0/22 1', '10.0.2.0/24 1', '10.0.9.0/24 2']);
    await register.db.query("DELETE FROM subnet WHERE cidr <> '10.0.0.0/16'");
    await fold();
    assert.deepEqual(await used(), ['10.0.0.0/16 3']);
    assert.equal((await register.db.query('SELECT FROM subnet_rollup')).length, 1);
  });

  it('does not wait for whoever is changing the tree, and says how old it is', async () => {
    await make('10.0.0.0/16');
    await put('10.0.0.1');
    await register.db.withConnection(async (connection) => {
      await connection.query("BEGIN; SELECT lock_tree(id) FROM vrf WHERE name = 'global'");
      const began = performance.now();
      await fold();
      assert.ok(performance.now() - began < 1_000);
      await connection.query('ROLLBACK');
    });
    assert.deepEqual(await used(), ['10.0.0.0/16 0']);
    const { items } = (await register.as('viewer').get('/subnets')).body;
    await fold();
    assert.deepEqual(await used(), ['10.0.0.0/16 1']);
    const later = (await register.as('viewer').get('/subnets')).body.items;
    assert.ok(Date.parse(later[0].rollup.asOf) > Date.parse(items[0].rollup.asOf));
  });

  it('is right after folds that run while everybody writes, also two at once', async () => {
    await make('10.0.0.0/16');
    const homes = await Promise.all([1, 2, 3].map((n) => make(`10.0.${n}.0/24`)));
    let isOver = false;
    const folding = [1, 2].map(async () => {
      while (!isOver) await fold();
    });
    const writing = homes.map(async (_home, nth) => {
      for (let host = 1; host <= 30; host += 1) {
        await put(`10.0.${nth + 1}.${host}`);
        if (host % 10 === 5) {
          const id = await make(`10.0.${nth + 1}.0/27`);
          await remove(id);
        }
      }
    });
    await Promise.all(writing);
    isOver = true;
    await Promise.all(folding);
    await fold();
    assert.deepEqual(await used(), ['10.0.0.0/16 90', '10.0.1.0/24 30', '10.0.2.0/24 30', '10.0.3.0/24 30']);
    assert.deepEqual(await register.db.query('SELECT * FROM rollup_delta'), []);
  });
});
