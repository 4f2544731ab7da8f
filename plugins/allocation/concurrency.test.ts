import assert from 'node:assert/strict';
import type { Database } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { allocation } from './index.ts';
import { blockOf, holds, hostBlock, ipOf, lastOf } from './testing/ip.ts';
import { type Answer, type ApiProcess, ApiProcesses, type Ask } from './testing/processes.ts';
import { Random } from './testing/random.ts';
import { assertExact } from './testing/space-state.ts';

const times = <T>(count: number, make: (nth: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const statuses = (answers: readonly Answer[]) =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, of]) => [status, of.length]),
  );
const addressesOf = (answers: readonly Answer[]): string[] =>
  answers.flatMap(({ status, body }) =>
    (status === 201 ? body.addresses : []).map((a: { address: string }) => a.address),
  );

/** Writes down each address that is stored in another subnet than the longest that holds it, at the moment it is stored. */
async function watchForStrays({ query }: Database): Promise<void> {
  await query('CREATE TABLE stray (address inet, home bigint, longest bigint)');
  await query(`CREATE FUNCTION note_stray() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.subnet_id IS DISTINCT FROM longest_match(NEW.vrf_id, NEW.address) THEN
        INSERT INTO stray VALUES (NEW.address, NEW.subnet_id, longest_match(NEW.vrf_id, NEW.address));
      END IF;
      RETURN NULL;
    END $$`);
  await query('CREATE TRIGGER stray AFTER INSERT ON address FOR EACH ROW EXECUTE FUNCTION note_stray()');
}

/** How often PostgreSQL had to end a circle of waiting, so far. The callers notice nothing but a second's delay. */
async function deadlocks({ query }: Database): Promise<number> {
  const [row] = await query<{ n: number }>(
    'SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()',
  );
  return row?.n ?? 0;
}

describe('many at once, on two processes', () => {
  let register: TestRegister;
  let processes: ApiProcesses;
  let both: [ApiProcess, ApiProcess];
  let asks: [Ask, Ask];
  /** Alternates between the processes. */
  const ask = (nth: number): Ask => asks[nth % 2] as Ask;

  before(async function () {
    this.timeout(60_000);
    register = await startTestRegister([users, subnets, allocation]);
    await watchForStrays(register.owner);
    processes = new ApiProcesses(register);
    both = [await processes.start(), await processes.start()];
    asks = [both[0].ask, both[1].ask];
  });
  after(async () => {
    await processes.stop();
    await register.stop();
  });
  afterEach(async () => {
    assert.equal(await deadlocks(register.db), 0, 'those who lock in one order never wait for each other');
    assert.deepEqual(await register.owner.query('SELECT * FROM stray'), []);
    await assertExact(register.db.query);
    await register.db.query('DELETE FROM address');
    await register.db.query('DELETE FROM subnet');
  });

  async function make(cidr: string): Promise<number> {
    const { status, body } = await ask(0)('POST', '/subnets', { cidr });
    assert.equal(status, 201, JSON.stringify(body));
    return body.id;
  }

  it('64 callers of a /26 get 62 addresses, and two are told that it is full', async () => {
    const id = await make('10.0.0.0/26');
    const answers = await Promise.all(
      times(64, (nth) => ask(nth)('POST', `/subnets/${id}/allocations`, { hostname: `h${nth}` })),
    );
    assert.deepEqual(statuses(answers), { 201: 62, 409: 2 });
    assert.equal(new Set(addressesOf(answers)).size, 62);
    const names = new Set(
      answers.flatMap(({ status, body }) => (status === 201 ? body.addresses[0].hostname : [])),
    );
    assert.equal(names.size, 62, 'each got its own');
    for (const { status, body } of answers) {
      if (status === 409)
        assert.deepEqual([body.type.split(':').at(-1), body.free], ['insufficient-space', 0]);
    }
  });

  it('callers who ask for the same address by name: one gets it, the others learn who has it', async () => {
    const id = await make('10.0.0.0/24');
    const answers = await Promise.all(
      times(20, (nth) =>
        ask(nth)('POST', `/subnets/${id}/allocations`, { address: '10.0.0.7', hostname: `h${nth}` }),
      ),
    );
    assert.deepEqual(statuses(answers), { 201: 1, 409: 19 });
    const winner = answers.find(({ status }) => status === 201)?.body.addresses[0];
    for (const { status, body } of answers) {
      if (status !== 409) continue;
      assert.equal(body.type, 'urn:cadastre:error:address-taken');
      assert.equal(body.holder.hostname, winner.hostname, body.detail);
    }
  });

  it('an address is never handed out of a child that is there, and none is lost when it goes', async () => {
    const id = await make('10.0.0.0/24');
    const children: { block: string; from: number; until: number }[] = [];
    const handed: { address: string; asked: number; answered: number }[] = [];
    const odd: Answer[] = [];
    let isOver = false;
    async function churn(nth: number): Promise<void> {
      const random = new Random(nth);
      while (!isOver) {
        const cidr = `10.0.0.${16 * random.int(0, 15)}/28`;
        const made = await ask(nth)('POST', '/subnets', { cidr });
        const from = performance.now();
        if (made.status !== 201) {
          if (made.status !== 409) odd.push(made);
          continue;
        }
        const until = performance.now();
        children.push({ block: cidr, from, until });
        const gone = await ask(nth)('DELETE', `/subnets/${made.body.id}?cascade=rehome`);
        if (gone.status !== 204) odd.push(gone);
      }
    }
    async function take(nth: number): Promise<void> {
      const random = new Random(100 + nth);
      for (let n = 0; n < 30; n += 1) {
        const asked = performance.now();
        const answer = await ask(nth + n)('POST', `/subnets/${id}/allocations`, { count: random.int(1, 2) });
        const answered = performance.now();
        if (answer.status !== 201 && answer.status !== 409) odd.push(answer);
        for (const address of addressesOf([answer])) handed.push({ address, asked, answered });
        if (handed.length > 100) {
          const released = await ask(nth)('POST', '/addresses/release', {
            addresses: addressesOf([answer]).slice(0, 1).concat('10.0.0.1'),
          });
          if (released.status >= 500) odd.push(released);
        }
      }
    }
    const churning = times(2, churn);
    await Promise.all(times(8, take));
    isOver = true;
    await Promise.all(churning);
    assert.deepEqual(odd, []);
    assert.ok(children.length > 10 && handed.length > 100, `${children.length} ${handed.length}`);
    const wrong = handed.filter(({ address, asked, answered }) =>
      children.some(
        ({ block, from, until }) =>
          from < asked && answered < until && holds(blockOf(block), hostBlock(ipOf(address))),
      ),
    );
    assert.deepEqual(wrong, []);
    const rows = await register.db.query<{ address: string }>('SELECT address FROM address');
    const kept = new Set(rows.map(({ address }) => address));
    assert.deepEqual(
      handed.filter(({ address }) => !kept.has(address)),
      [],
    );
  }).timeout(30_000);

  for (const strategy of ['first', 'best-fit', 'sparse']) {
    it(`callers who ask for subnets (${strategy}) get disjoint ones, until there is no room`, async () => {
      const id = await make('10.0.0.0/23');
      const answers = await Promise.all(
        times(40, (nth) =>
          ask(nth)('POST', `/subnets/${id}/subnet-allocations`, { prefixLength: 28, strategy }),
        ),
      );
      assert.deepEqual(statuses(answers), { 201: 32, 409: 8 });
      const made = answers.flatMap(({ status, body }) => (status === 201 ? body.subnets : []));
      assert.equal(new Set(made.map(({ cidr }) => cidr)).size, 32);
      assert.deepEqual(new Set(made.map(({ parentId }) => parentId)), new Set([id]));
    });
  }

  it('32 callers with a strategy each get what is theirs, and none is lost', async () => {
    const id = await make('10.0.0.0/26');
    const random = new Random(11);
    const answers = await Promise.all(
      times(32, (nth) =>
        ask(nth)('POST', `/subnets/${id}/allocations`, {
          strategy: random.pick(['first', 'last', 'random', 'sparse', undefined]),
          count: nth % 3 === 0 ? 2 : 1,
          contiguous: nth % 6 === 0,
        }),
      ),
    );
    assert.deepEqual(statuses(answers), { 201: 32 });
    assert.equal(new Set(addressesOf(answers)).size, 43);
    const rest = await Promise.all(
      times(32, (nth) =>
        ask(nth)('POST', `/subnets/${id}/allocations`, {
          strategy: random.pick(['last', 'random', 'sparse']),
        }),
      ),
    );
    assert.deepEqual(statuses(rest), { 201: 62 - 43, 409: 32 - (62 - 43) });
    assert.equal(new Set(addressesOf([...answers, ...rest])).size, 62);
  });

  it('callers of pools that share subnets in another order, and of the subnets themselves, wait for each other', async () => {
    const ids = [await make('10.0.0.0/27'), await make('10.0.1.0/27'), await make('10.0.2.0/27')];
    const made = await Promise.all(
      [ids, ids.toReversed()].map((members, nth) => ask(nth)('POST', '/pools', { name: `p${nth}`, members })),
    );
    const pools = made.map(({ body }) => body.id);
    const random = new Random(21);
    const answers = await Promise.all(
      times(60, (nth) => {
        const strategy = random.pick(['first', 'last', 'random', 'sparse']);
        if (nth % 5 === 0) return ask(nth)('POST', `/subnets/${random.pick(ids)}/allocations`, {});
        if (nth % 5 === 1)
          return ask(nth)('POST', `/pools/${random.pick(pools)}/allocations`, [{}, { strategy }]);
        if (nth % 5 === 2)
          return ask(nth)('POST', `/pools/${random.pick(pools)}/subnet-allocations`, { prefixLength: 31 });
        if (nth === 33) return ask(nth)('DELETE', `/subnets/${ids[1]}?cascade=delete`);
        if (nth % 5 === 3)
          return ask(nth)('PATCH', `/pools/${random.pick(pools)}`, { description: `${nth}` });
        return ask(nth)('POST', `/pools/${random.pick(pools)}/allocations`, { strategy });
      }),
    );
    assert.deepEqual(
      answers.filter(({ status }) => ![200, 201, 204, 404, 409].includes(status)),
      [],
    );
    for (const id of pools) {
      const { body } = await ask(0)('GET', `/pools/${id}`);
      assert.deepEqual(new Set(body.members), new Set([ids[0], ids[2]]));
    }
    await register.db.query('DELETE FROM pool');
  });

  it('callers who ask for subnets of several lengths get disjoint ones', async () => {
    const id = await make('10.0.0.0/22');
    const random = new Random(5);
    const answers = await Promise.all(
      times(40, (nth) =>
        ask(nth)('POST', `/subnets/${id}/subnet-allocations`, {
          prefixLength: random.int(25, 30),
          count: random.int(1, 3),
          strategy: random.pick(['first', 'best-fit', 'sparse']),
        }),
      ),
    );
    assert.deepEqual(
      Object.keys(statuses(answers)).filter((status) => status !== '201' && status !== '409'),
      [],
    );
    const blocks = answers
      .flatMap(({ status, body }) => (status === 201 ? body.subnets : []))
      .map(({ cidr }) => blockOf(cidr))
      .sort((a, b) => (a.first < b.first ? -1 : 1));
    for (const [index, block] of blocks.slice(1).entries()) {
      assert.ok(lastOf(blocks[index] as typeof block) < block.first);
    }
  });

  it('subnets that nest, created at the same time, find each other', async () => {
    const lengths = [8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30];
    const wanted = ['10', '11', '12'].flatMap((start) => lengths.map((length) => `${start}.0.0.0/${length}`));
    const shuffled = new Random(9).some(wanted, wanted.length);
    const answers = await Promise.all(shuffled.map((cidr, nth) => ask(nth)('POST', '/subnets', { cidr })));
    assert.deepEqual(statuses(answers), { 201: wanted.length });
    const rows = await register.db.query<{ n: number }>(
      'SELECT count(*) AS n FROM subnet WHERE parent_id IS NULL',
    );
    assert.deepEqual(rows, [{ n: 3 }]);
  });

  it('the same subnet, created at the same time, is there once', async () => {
    const answers = await Promise.all(
      times(10, (nth) => ask(nth)('POST', '/subnets', { cidr: '10.0.0.0/8' })),
    );
    assert.deepEqual(statuses(answers), { 201: 1, 409: 9 });
  });

  it('whoever writes addresses, changes subnets, makes and deletes them: nobody is in the way of another', async () => {
    const root = await make('10.0.0.0/22');
    const odd: unknown[] = [];
    const expected = new Set([200, 201, 204, 404, 409, 412]);
    async function act(nth: number): Promise<void> {
      const random = new Random(1000 + nth);
      const ip = () => `10.0.${random.int(0, 3)}.${random.int(0, 63)}`;
      const ids: number[] = [];
      const blocks: number[] = [];
      const calls: (() => Promise<Answer>)[] = [
        () => ask(nth)('POST', '/addresses', { address: ip() }),
        () => ask(nth)('POST', '/addresses', { address: ip(), status: 'reserved' }),
        () => ask(nth)('PATCH', `/addresses/${random.pick([1, ...ids])}`, { status: 'quarantined' }),
        () => ask(nth)('POST', `/addresses/${random.pick([1, ...ids])}/release`),
        () => ask(nth)('DELETE', `/addresses/${random.pick([1, ...ids])}`),
        () =>
          ask(nth)('POST', '/addresses/release', {
            addresses: random.some(ids, 4).concat(ids.length ? [] : [1]),
          }),
        () => ask(nth)('POST', `/subnets/${root}/allocations`, { count: random.int(1, 3) }),
        () =>
          ask(nth)('POST', `/subnets/${root}/allocations`, {
            count: random.int(1, 3),
            strategy: random.pick(['last', 'random', 'sparse']),
          }),
        () => ask(nth)('POST', `/subnets/${random.pick([root, ...blocks])}/allocations`, { address: ip() }),
        () => ask(nth)('POST', '/subnets', { cidr: `10.0.${random.int(0, 3)}.0/${random.int(24, 27)}` }),
        () => ask(nth)('POST', '/subnets', { cidr: `10.0.${random.int(0, 3)}.32/${random.int(27, 29)}` }),
        () =>
          ask(nth)('PATCH', `/subnets/${random.pick([root, ...blocks])}`, {
            status: random.pick(['container', 'active']),
          }),
        () =>
          ask(nth)(
            'DELETE',
            `/subnets/${random.pick([-1, ...blocks])}?cascade=rehome`.replace('-1', '999999'),
          ),
        () =>
          ask(nth)(
            'DELETE',
            `/subnets/${random.pick([-1, ...blocks])}?cascade=delete`.replace('-1', '999999'),
          ),
        () => ask(nth)('POST', `/subnets/${root}/subnet-allocations`, { prefixLength: 29 }),
      ];
      for (let n = 0; n < 60; n += 1) {
        const answer = await random.pick(calls)();
        if (
          !expected.has(answer.status) &&
          answer.body?.type !== 'urn:cadastre:error:address-outside' &&
          answer.body?.type !== 'urn:cadastre:error:address-not-usable'
        )
          odd.push(answer);
        if (answer.status !== 201) continue;
        const { address, cidr, id, addresses = [], subnets: made = [] } = answer.body;
        if (address) ids.push(id);
        if (cidr) blocks.push(id);
        ids.push(...addresses.map((each: { id: number }) => each.id));
        blocks.push(...made.map((each: { id: number }) => each.id));
      }
    }
    await Promise.all(times(12, act));
    assert.deepEqual(odd, []);
  }).timeout(60_000);

  it('a branch that is deleted leaves nothing behind, whoever is being served from it', async () => {
    await make('10.0.0.0/16');
    for (let round = 0; round < 12; round += 1) {
      const branch = await make('10.0.16.0/20');
      const leaves = [branch];
      for (const third of [16, 17, 18]) leaves.push(await make(`10.0.${third}.0/24`));
      const taking = times(12, async (nth) => {
        for (;;) {
          const { status } = await ask(nth)('POST', `/subnets/${leaves[nth % 4]}/allocations`);
          if (status !== 201) return status;
        }
      });
      const gone = await ask(round)('DELETE', `/subnets/${branch}?cascade=delete`);
      assert.equal(gone.status, 204, JSON.stringify(gone.body));
      assert.deepEqual(new Set(await Promise.all(taking)), new Set([404]));
      assert.deepEqual(await register.db.query('SELECT address FROM address'), []);
    }
  }).timeout(30_000);

  it('whoever is killed with -9 in the middle has kept every promise', async () => {
    const id = await make('10.0.0.0/16');
    const answers: Answer[] = [];
    async function take(nth: number): Promise<void> {
      for (;;) {
        const answer = await ask(nth)('POST', `/subnets/${id}/allocations`, {
          count: 3,
          hostname: `h${nth}`,
        });
        if (answer.status === 0) return;
        answers.push(answer);
        if (nth % 2 === 0 && answers.length > 400) return;
      }
    }
    const taking = times(16, take);
    while (answers.length < 150) await new Promise((resolve) => setTimeout(resolve, 10));
    await both[1].kill();
    await Promise.all(taking);
    assert.deepEqual(statuses(answers), { 201: answers.length });
    const rows = await register.db.query<{ address: string; hostname: string }>(
      'SELECT address, hostname FROM address',
    );
    const holders = new Map(rows.map(({ address, hostname }) => [address, hostname]));
    for (const { body } of answers) {
      for (const { address, hostname } of body.addresses) assert.equal(holders.get(address), hostname);
    }
    assert.equal(new Set(addressesOf(answers)).size, answers.length * 3);
  }).timeout(30_000);
});
