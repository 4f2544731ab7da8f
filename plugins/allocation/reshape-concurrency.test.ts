import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { allocation } from './index.ts';
import { type Answer, ApiProcesses, type Ask } from './testing/processes.ts';
import { Random } from './testing/random.ts';
import { assertExact } from './testing/space-state.ts';

describe('subnets that are reshaped while they are written to, on two processes', () => {
  let register: TestRegister;
  let processes: ApiProcesses;
  let asks: Ask[];

  before(async function () {
    this.timeout(60_000);
    register = await startTestRegister([users, subnets, allocation]);
    processes = new ApiProcesses(register);
    asks = [(await processes.start()).ask, (await processes.start()).ask];
  });
  after(async () => {
    await processes.stop();
    await register.stop();
  });

  it('stay exact, and nobody is in the way of another', async () => {
    const made = await register.as('engineer').post('/subnets', { cidr: '10.0.0.0/22' });
    const root = made.body.id as number;
    const odd: Answer[] = [];
    const done: Record<string, number> = {};
    const expected = new Set([200, 201, 204, 404, 409, 422]);
    const known = new Set([root]);

    async function act(nth: number): Promise<void> {
      const random = new Random(7000 + nth);
      const ask = asks[nth % 2] as Ask;
      const subnet = () => random.pick([...known]);
      const ip = () => `10.0.${random.int(0, 7)}.${random.int(0, 255)}`;
      const block = () => {
        const length = random.int(21, 28);
        const value = random.int(0, 2047);
        const first = value - (value % 2 ** (32 - length));
        return `10.0.${first >> 8}.${first & 255}/${length}`;
      };
      const calls: [string, () => Promise<Answer>][] = [
        ['address', () => ask('POST', '/addresses', { address: ip() })],
        ['address', () => ask('POST', '/addresses', { address: ip(), status: 'reserved' })],
        ['allocate', () => ask('POST', `/subnets/${subnet()}/allocations`, { count: random.int(1, 3) })],
        ['allocate', () => ask('POST', `/subnets/${subnet()}/allocations`, { count: 1 })],
        ['release', () => ask('POST', `/addresses/${random.int(1, 200)}/release`)],
        ['release', () => ask('POST', `/addresses/${random.int(1, 200)}/release`)],
        ['subnet', () => ask('POST', '/subnets', { cidr: block() })],
        ['delete', () => ask('DELETE', `/subnets/${subnet()}?cascade=rehome`)],
        ['split', () => ask('POST', `/subnets/${subnet()}/split`, { prefixLength: random.int(23, 28) })],
        [
          'split',
          () => ask('POST', `/subnets/${subnet()}/split`, { prefixLengths: [random.int(24, 28), 28] }),
        ],
        ['merge', () => ask('POST', `/subnets/${subnet()}/merge`, { subnetIds: random.some([...known], 2) })],
        ['merge', async () => mergeWithBuddy(ask, subnet())],
        ['resize', () => ask('POST', `/subnets/${subnet()}/resize`, { cidr: block() })],
        ['resize', async () => halve(ask, subnet())],
        ['renumber', () => ask('POST', `/subnets/${subnet()}/renumber`, { cidr: block() })],
        ['renumber', async () => renumberToFree(ask, subnet(), random)],
      ];
      for (let n = 0; n < 50; n += 1) {
        const [name, call] = random.pick(calls);
        const answer = await call();
        if (!expected.has(answer.status)) odd.push(answer);
        if (answer.status >= 300 || answer.status === 204) continue;
        done[name] = (done[name] ?? 0) + 1;
        if (answer.body.cidr) known.add(answer.body.id);
        for (const each of answer.body.subnets ?? []) known.add(each.id);
      }
    }

    await Promise.all(Array.from({ length: 10 }, (_, nth) => act(nth)));
    assert.deepEqual(odd, []);
    // Which of them find something to do is a matter of chance.
    const reshaped = ['split', 'merge', 'resize', 'renumber'].map((name) => done[name] ?? 0);
    assert.ok(reshaped.reduce((sum, n) => sum + n) > 10, JSON.stringify(done));
    await assertExact(register.db.query);
    const [{ n } = { n: 0 }] = await register.db.query<{ n: number }>(
      'SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()',
    );
    assert.equal(n, 0, 'those who lock in one order never wait for each other');
  }).timeout(60_000);

  async function mergeWithBuddy(ask: Ask, id: number): Promise<Answer> {
    const [buddy] = await register.db.query<{ id: number }>(
      `SELECT b.id FROM subnet s JOIN subnet b ON b.vrf_id = s.vrf_id AND b.id <> s.id AND masklen(b.cidr) = masklen(s.cidr)
          AND b.cidr <<= set_masklen(s.cidr, masklen(s.cidr) - 1) WHERE s.id = $1`,
      [id],
    );
    return ask('POST', `/subnets/${id}/merge`, { subnetIds: [buddy?.id ?? id] });
  }

  async function halve(ask: Ask, id: number): Promise<Answer> {
    const [half] = await register.db.query<{ cidr: string }>(
      'SELECT set_masklen(cidr, masklen(cidr) + 1) AS cidr FROM subnet WHERE id = $1 AND masklen(cidr) < 30',
      [id],
    );
    return ask('POST', `/subnets/${id}/resize`, { cidr: half?.cidr ?? '10.0.0.0/28' });
  }

  async function renumberToFree(ask: Ask, id: number, random: Random): Promise<Answer> {
    const [row] = await register.db.query<{ length: number }>(
      'SELECT masklen(cidr) AS length FROM subnet WHERE id = $1 AND masklen(cidr) < 30',
      [id],
    );
    const cidr = `10.${random.int(1, 200)}.0.0/${row?.length ?? 24}`;
    return ask('POST', `/subnets/${id}/renumber`, { cidr });
  }
});
