import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { formatBlock, subnets } from '#plugins/subnets';
import { type Run, without } from './domain/runs.ts';
import { blockOf } from './granting.ts';
import { allocation } from './index.ts';
import { Random } from './testing/random.ts';

const home = blockOf('10.0.0.0/22').block;
const ip = (offset: number) => `10.0.${offset >> 8}.${offset & 255}`;

/** The lowest aligned block in a run; undefined where none fits. */
function lowestIn({ first, last }: Run, size: bigint): bigint | undefined {
  const start = ((first + size - 1n) / size) * size;
  return start + size - 1n <= last ? start : undefined;
}

describe('the block that is found by an index', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets, allocation]);
    await register.as('engineer').post('/subnets', { cidr: '10.0.0.0/22' });
  });
  after(() => register.stop());

  it('is the one that a look at everything finds, among children, addresses and ranges of both kinds', async () => {
    const { query } = register.db;
    const random = new Random(20261124);
    for (let round = 0; round < 12; round += 1) {
      await query(
        "DELETE FROM ip_range; DELETE FROM address; DELETE FROM subnet WHERE cidr <> '10.0.0.0/22'",
      );
      const taken: Run[] = [];
      const take = (start: number, size: number) =>
        taken.push({ first: home.first + BigInt(start), last: home.first + BigInt(start + size - 1) });
      for (let n = random.int(0, 8); n > 0; n -= 1) {
        const start = random.int(0, 63) * 16;
        const made = await query(
          `INSERT INTO subnet (vrf_id, cidr) VALUES (1, $1) ON CONFLICT ON CONSTRAINT subnet_cidr_key DO NOTHING RETURNING id`,
          [`${ip(start)}/28`],
        );
        if (made.length > 0) take(start, 16);
      }
      for (let n = random.int(0, 5); n > 0; n -= 1) {
        const start = random.int(0, 1023);
        take(start, 1);
        await query(`INSERT INTO address (vrf_id, address) VALUES (1, $1) ON CONFLICT DO NOTHING`, [
          ip(start),
        ]);
      }
      // Some within a span, some over several, some in a child, side by side too.
      for (let at = random.int(0, 300); at < 1000; at += random.int(0, 300)) {
        const size = Math.min(random.pick([1, 3, 16, 40, 150]), 1024 - at);
        take(at, size);
        await query(
          `INSERT INTO ip_range (vrf_id, start_ip, end_ip, purpose, allocatable) VALUES (1, $1, $2, 'pool', $3)`,
          [ip(at), ip(at + size - 1), random.chance(0.7)],
        );
        at += size;
      }
      const runs = without([home], taken);
      for (const length of [23, 25, 26, 27, 28, 30, 32]) {
        const size = 1n << BigInt(32 - length);
        const fit = runs.filter((run) => lowestIn(run, size) !== undefined);
        const smallest = fit.toSorted((a, b) => Number(a.last - a.first - (b.last - b.first)))[0];
        for (const [strategy, run] of [
          ['first', fit[0]],
          ['best-fit', smallest],
        ] as const) {
          const first = run && lowestIn(run, size);
          const wanted = first === undefined ? null : formatBlock({ family: 4, first, length });
          const [found] = await query<{ block: string | null }>(
            'SELECT find_block(s, $1, $2) AS block FROM subnet s WHERE id = 1',
            [length, strategy],
          );
          assert.equal(found?.block, wanted, `/${length} by ${strategy} in round ${round}`);
        }
        const { body } = await register
          .as('viewer')
          .get(`/subnets/1/free-subnets?prefixLength=${length}&limit=1000`);
        const all = runs.flatMap((run) => {
          const starts: string[] = [];
          for (let at = lowestIn(run, size) ?? home.last + 1n; at + size - 1n <= run.last; at += size)
            starts.push(formatBlock({ family: 4, first: at, length }));
          return starts;
        });
        assert.deepEqual(body.items, all.slice(0, 1000));
      }
    }
  });
});
