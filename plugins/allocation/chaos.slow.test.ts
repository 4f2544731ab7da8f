import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { allocation } from './index.ts';
import { type Answer, type ApiProcess, ApiProcesses } from './testing/processes.ts';
import { Random } from './testing/random.ts';
import { assertExact } from './testing/space-state.ts';

const seconds = Number(process.env.CHAOS_SECONDS ?? 30);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
/** What a rule of the register may say no with, while others do as they please. */
const refusals = new Set([200, 201, 204, 404, 409, 412, 422]);

/** What one writer was promised: the addresses it holds by the name that it gave them, and each key's first answer. */
class Ledger {
  readonly held = new Map<string, { id: number; hostname: string }>();
  readonly answers = new Map<string, { path: string; body: unknown; answer: Answer }>();
}

describe('eight writers on two processes, one of which is killed twice', () => {
  let register: TestRegister;
  let processes: ApiProcesses;
  let alive: ApiProcess[];

  before(async function () {
    this.timeout(60_000);
    register = await startTestRegister([users, subnets, allocation]);
    processes = new ApiProcesses(register);
    alive = [await processes.start(), await processes.start()];
  });
  after(async () => {
    await processes.stop();
    await register.stop();
  });

  it(`keep every promise for ${seconds} s (SEED=${seed})`, async () => {
    const ledgers = Array.from({ length: 8 }, () => new Ledger());
    const odd: unknown[] = [];
    const until = Date.now() + seconds * 1000;

    /** Asks one process; where it died before it answered, asks another the same again, with the same key. */
    async function ask(
      random: Random,
      method: string,
      path: string,
      body?: unknown,
      key?: string,
    ): Promise<Answer> {
      for (;;) {
        const answer = await random
          .pick(alive)
          .ask(method, path, body, key ? { 'idempotency-key': key } : {});
        if (answer.status === 0 || answer.status === 503) await sleep(20);
        else {
          if (!refusals.has(answer.status)) odd.push({ method, path, body, answer });
          return answer;
        }
        // Without a key nobody knows whether it was done.
        if (!key && method === 'POST') return answer;
      }
    }

    const root = await alive[0]?.ask('POST', '/subnets', { cidr: '10.0.0.0/20' });
    assert.equal(root?.status, 201);
    const rootId = root?.body.id as number;

    async function write(nth: number): Promise<void> {
      const random = new Random(seed + nth);
      const ledger = ledgers[nth] as Ledger;
      const known: number[] = [rootId];
      const ranges: number[] = [];
      let serial = 0;
      const anyCidr = () => {
        const length = random.int(23, 27);
        const size = 2 ** (32 - length);
        const at = random.int(0, 4096 / size - 1) * size;
        return `10.0.${at >> 8}.${at & 255}/${length}`;
      };

      async function take(): Promise<void> {
        serial += 1;
        const hostname = `w${nth}-${serial}`;
        const path = `/subnets/${random.pick(known)}/allocations`;
        const body = {
          hostname,
          count: random.int(1, 3),
          ...(random.chance(0.3) ? { strategy: random.pick(['last', 'random', 'sparse']) } : {}),
          ...(random.chance(0.1) ? { ttl: 1 } : {}),
        };
        const key = `${seed}-${hostname}`;
        const answer = await ask(random, 'POST', path, body, key);
        if (answer.status !== 201) return;
        ledger.answers.set(key, { path, body, answer });
        if ('ttl' in body) return;
        for (const { address, id } of answer.body.addresses) ledger.held.set(address, { id, hostname });
      }

      async function replay(): Promise<void> {
        const keys = [...ledger.answers.keys()];
        const key = random.pick(keys.length > 0 ? keys : ['']);
        const first = ledger.answers.get(key);
        if (!first) return;
        const again = await ask(random, 'POST', first.path, first.body, key);
        assert.deepEqual([again.status, again.body], [first.answer.status, first.answer.body], key);
      }

      async function giveBack(): Promise<void> {
        const [found] = random.some([...ledger.held], 1);
        if (!found) return;
        const [address, { id }] = found;
        serial += 1;
        const answer = await ask(random, 'POST', `/addresses/${id}/release`, {}, `${seed}-r${nth}-${serial}`);
        assert.equal(answer.status, 200, `release of ${address}: ${JSON.stringify(answer.body)}`);
        ledger.held.delete(address);
      }

      async function create(): Promise<void> {
        const { status, body } = await ask(random, 'POST', '/subnets', { cidr: anyCidr() });
        if (status === 201) known.push(body.id);
      }

      const remove = () =>
        ask(random, 'DELETE', `/subnets/${random.pick([999_999, ...known.slice(1)])}?cascade=rehome`);

      async function split(): Promise<void> {
        const body = { prefixLength: random.int(24, 28) };
        const answer = await ask(
          random,
          'POST',
          `/subnets/${random.pick([999_999, ...known.slice(1)])}/split`,
          body,
        );
        if (answer.status === 200 || answer.status === 201)
          known.push(...random.some(answer.body.subnets as { id: number }[], 3).map(({ id }) => id));
      }

      async function merge(): Promise<void> {
        const [a, b] = random.some(known.slice(1), 2);
        if (a && b) await ask(random, 'POST', `/subnets/${a}/merge`, { subnetIds: [b] });
      }

      const resize = () =>
        ask(random, 'POST', `/subnets/${random.pick([999_999, ...known.slice(1)])}/resize`, {
          cidr: anyCidr(),
        });

      async function range(): Promise<void> {
        const at = random.int(0, 4000);
        const ip = (n: number) => `10.0.${n >> 8}.${n & 255}`;
        const { status, body } = await ask(random, 'POST', '/ranges', {
          start: ip(at),
          end: ip(at + random.int(0, 40)),
          purpose: random.pick(['dhcp', 'reserved', 'pool']),
        });
        if (status === 201) ranges.push(body.id);
        if (ranges.length > 2) await ask(random, 'DELETE', `/ranges/${ranges.shift()}`);
      }

      const deeds = [
        take,
        take,
        take,
        take,
        take,
        replay,
        replay,
        giveBack,
        giveBack,
        create,
        remove,
        split,
        merge,
        resize,
        range,
      ];
      while (Date.now() < until) await random.pick(deeds)();
    }

    /** Expiry, roll-ups and the look for drift are among them, more often than their clocks say. */
    async function hurryJobs(): Promise<void> {
      while (Date.now() < until) {
        await register.db.query('UPDATE periodic_job SET due_at = now() WHERE due_at > now()');
        await sleep(1_000);
      }
    }

    const writing = Promise.all([...ledgers.map((_, nth) => write(nth)), hurryJobs()]);
    for (const share of [1 / 3, 2 / 3]) {
      await Promise.race([writing, sleep(share * seconds * 1000 - (Date.now() - (until - seconds * 1000)))]);
      const [survivor, victim] = alive as [ApiProcess, ApiProcess];
      alive = [survivor];
      await victim.kill();
      alive = [survivor, await processes.start()];
    }
    await writing;
    // Their jobs would else go on, and release what expires while it is looked at.
    await processes.stop();

    assert.deepEqual(odd.slice(0, 3), [], `${odd.length} answers that nobody expects`);
    const rows = await register.db.query<{ id: number; address: string; hostname: string; status: string }>(
      'SELECT id, address, hostname, status FROM address',
    );
    const byAddress = new Map(rows.map((row) => [row.address, row]));
    let promised = 0;
    for (const { held } of ledgers) {
      for (const [address, { id, hostname }] of held) {
        promised += 1;
        const row = byAddress.get(address);
        assert.deepEqual([row?.id, row?.hostname, row?.status], [id, hostname, 'assigned'], address);
      }
    }
    const owners = ledgers.flatMap(({ held }) => [...held.keys()]);
    assert.equal(new Set(owners).size, owners.length, 'an address has two owners');
    assert.ok(promised > 50, `only ${promised} addresses were handed out and kept`);
    await assertExact(register.db.query);
    const jobs = await register.db.query<{ name: string; runs: number }>(
      'SELECT name, runs FROM periodic_job',
    );
    for (const { name, runs } of jobs) assert.ok(runs > 0, `${name} never ran`);
    assert.deepEqual(await register.db.query('SELECT found, drift FROM space_check'), [
      { found: 0, drift: 0 },
    ]);
  }).timeout(seconds * 1000 + 120_000);
});
