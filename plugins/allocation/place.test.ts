import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';

interface Place {
  usage: string;
  span: string | null;
  seen: string;
  quickUpto: string | null;
}

describe('the place where a subnet was served last', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([subnets, allocation]);
    const as = register.as('engineer');
    await as.post('/subnets', { cidr: '10.0.0.0/24', cooldownSeconds: 3600 });
    await as.post('/subnets/1/allocations', { count: 20 });
    await as.post('/addresses', { address: '10.0.0.100' });
    for (const name of ['10.0.0.3', '10.0.0.5', '10.0.0.7']) {
      await as.post('/addresses/release', { addresses: [name] });
    }
  });
  afterEach(() => register.stop());

  interface Row {
    member: number | null;
    address: string | null;
    problem: string | null;
    detail: { place: Place };
  }

  /** Hands addresses out, one to each member, and answers them with the place. */
  async function take(place?: Place, { subnet = 1, members = 1 } = {}) {
    const rows = await register.db.query<Row>(
      `SELECT member, address, problem, detail FROM allocate_addresses(
         $1, NULL, NULL, array_fill('test'::text, ARRAY[$3::int]), NULL, $2, NULL, '[["test", "", "", "cli", ""]]', true)`,
      [subnet, place === undefined ? null : JSON.stringify(place), members],
    );
    const addresses = rows.flatMap(({ address }) => address ?? []);
    return {
      addresses,
      address: addresses[0],
      problems: rows.flatMap(({ problem }) => problem ?? []),
      place: rows.find(({ member }) => member === null)?.detail.place as Place,
    };
  }

  const faults = () => register.db.query('SELECT * FROM space_faults(ARRAY(SELECT id FROM subnet))');

  it('leads to the next address', async () => {
    const { place } = await take();
    const next = await take(place);
    assert.equal(next.address, '10.0.0.22');
    assert.equal((await take(next.place)).address, '10.0.0.23');
    // One that is past leads nowhere, and does no harm.
    assert.equal((await take(place)).address, '10.0.0.24');
  });

  it('leads to addresses of every status, each counted as what it is', async () => {
    const as = register.as('engineer');
    for (const status of ['assigned', 'reserved', 'quarantined', 'reserved', 'deprecated']) {
      assert.equal((await as.post('/subnets/1/allocations', { status })).status, 201);
    }
    const counted = await register.db.query(
      'SELECT reserved::int, quarantined::int FROM subnet_usage WHERE subnet_id = 1',
    );
    assert.deepEqual(counted, [{ reserved: 2, quarantined: 1 }]);
    assert.deepEqual(await faults(), []);
  });

  it('is not believed where its span is another one by now, as after VACUUM FULL', async () => {
    const { place } = await take();
    const others = await register.db.query<{ at: string }>(
      'SELECT ctid::text AS at FROM free_span WHERE ctid <> $1 ORDER BY end_ip',
      [place.span],
    );
    assert.equal(others.length, 5);
    let [now, next] = [place, 22];
    for (const { at } of others) {
      const { address, place: then } = await take({ ...now, span: at });
      assert.equal(address, `10.0.0.${next}`);
      now = then;
      next += 1;
    }
    assert.deepEqual(await faults(), []);
  });

  it('is not believed where the subnet has another strategy by now', async () => {
    const { place } = await take();
    const as = register.as('engineer');
    assert.equal((await as.patch('/subnets/1', { strategy: 'last' })).status, 200);
    assert.deepEqual((await take(place)).problems, ['other-strategy']);
    const { body } = await as.post('/subnets/1/allocations', {});
    assert.equal(body.addresses[0].address, '10.0.0.254');
    assert.equal((await as.patch('/subnets/1', { strategy: null })).status, 200);
    assert.deepEqual(await faults(), []);
  });

  it('is not believed where the subnet has ranges, or may use its edges, by now', async () => {
    const as = register.as('engineer');
    const first = await take();
    await as.post('/ranges', { start: '10.0.0.22', end: '10.0.0.29', purpose: 'dhcp' });
    const second = await take(first.place);
    assert.equal(second.address, '10.0.0.30');
    await as.patch('/subnets/1', { allowNetworkAndBroadcast: true });
    assert.equal((await take(second.place)).address, '10.0.0.0');
    assert.deepEqual(await faults(), []);
  });

  it('is not believed where the subnet has another block by now', async () => {
    const as = register.as('engineer');
    const first = await take();
    assert.equal((await as.post('/subnets/1/resize', { cidr: '10.0.0.0/25' })).status, 200);
    const second = await take(first.place, { members: 120 });
    assert.equal(second.addresses.length + second.problems.length, 120);
    assert.equal(second.addresses.at(-1), '10.0.0.126');
    const third = await take();
    assert.equal((await as.post('/subnets/1/renumber', { cidr: '10.9.0.0/25' })).status, 200);
    assert.equal((await as.post('/addresses/release', { addresses: ['10.9.0.22'] })).status, 200);
    await register.owner.query("UPDATE address SET available_at = now() WHERE address = '10.9.0.22'");
    assert.deepEqual((await take(third.place)).addresses, ['10.9.0.22']);
    assert.deepEqual(await faults(), []);
  });

  for (const [cidr, all] of [
    ['255.255.255.0/24', 254],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00/120', 255],
  ] as const) {
    it(`leads to the very last address of ${cidr}, and not beyond`, async () => {
      const { body } = await register.as('engineer').post('/subnets', { cidr });
      const of = { subnet: body.id, members: 16 };
      const taken: string[] = [];
      let { addresses, problems, place } = await take(undefined, of);
      while (problems.length === 0) {
        taken.push(...addresses);
        ({ addresses, problems, place } = await take(place, of));
      }
      taken.push(...addresses);
      assert.equal(new Set(taken).size, all);
      assert.equal(problems.length, 16 * (Math.floor(all / 16) + 1) - all);
      assert.deepEqual(await faults(), []);
    });
  }
});
