import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  drivers,
  type OwnServer,
  ownServer,
  startTestRedis,
  startTestRegister,
  type TestRedis,
  type TestRegister,
  until,
  WorkerProcesses,
} from '#core/testing';
import { scanner } from './index.ts';

/** How many addresses a sweep asks, rounded up to a whole subnet: a /16 unless told. With pg-boss, a quarter of it. */
const most = Number(process.env.SCAN_ADDRESSES ?? 65_534);
const sweeps = {
  bull: { prefixLength: lengthFor(most), probes: ['icmp'] },
  'pg-boss': { prefixLength: lengthFor(most / 4), probes: ['icmp', 'tcp'] },
};

function lengthFor(addresses: number): number {
  return 32 - Math.ceil(Math.log2(addresses));
}

/** A sweep takes so long at least, in seconds: what is killed is killed in the middle, however fast the machine. */
const shortest = 6;

/** `GET /scans/{id}`, as far as it is looked at. */
interface Shown {
  state: string;
  progress: { done: number; total: number };
  seen: number;
  missed: number;
  unknown: number;
  discovered: number;
}

/** Its name, or undefined where it has ended. */
function nameOf(pid: number): string | undefined {
  try {
    const [, name, state] = /\((.*)\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state === 'Z' ? undefined : name;
  } catch {
    return undefined;
  }
}

function childrenOf({ pid }: ChildProcess): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** The process by which a worker is asking, if it is. */
function askerOf(worker: ChildProcess): number | undefined {
  if (worker.exitCode !== null || worker.signalCode !== null) return undefined;
  return childrenOf(worker).find((pid) => nameOf(pid) === 'fping');
}

async function killed(worker: ChildProcess): Promise<void> {
  const gone = once(worker, 'exit');
  worker.kill('SIGKILL');
  await gone;
}

for (const driver of drivers) {
  const { prefixLength, probes } = sweeps[driver];
  const total = 2 ** (32 - prefixLength) - 2;
  const env = {
    CADASTRE_SCANNER_ALLOW_LOOPBACK: 'true',
    CADASTRE_SCANNER_PACKETS_PER_SECOND: String(Math.ceil((total * probes.length) / shortest)),
    CADASTRE_SCANNER_WORKER_PACKETS_PER_SECOND: '0',
  };
  const strangers = Array.from({ length: total }, (_, nth) => nth + 1).filter((n) => n % 64 < 2).length;

  describe(`a scan of a /${prefixLength} of loopback on ${driver}`, function () {
    this.timeout(120_000);
    let server: OwnServer;
    let redis: TestRedis | undefined;
    let register: TestRegister;
    const workers = new WorkerProcesses(new URL('./testing/worker.ts', import.meta.url));
    before(async () => {
      server = await ownServer();
      if (driver === 'bull') redis = await startTestRedis({ durable: true });
      register = await startTestRegister([scanner], { server, env });
    });
    after(async () => {
      await workers.stop();
      await register?.stop();
      await redis?.stop();
    });
    afterEach(workers.stop);

    const work = () => workers.start({ databaseUrl: server.applicationUrl, redisUrl: redis?.url, env });
    const rows = <T extends object>(sql: string, values: unknown[]) => register.owner.query<T>(sql, values);

    async function made(path: string, body: object): Promise<number> {
      const answer = await register.as('admin').post(path, body);
      assert.ok(answer.status < 300, JSON.stringify(answer.body));
      return answer.body.id;
    }

    /** A scan that somebody has asked for; nobody listens at port 1. */
    const scanOf = (subnet: number) =>
      made('/scans', { subnetIds: [subnet], mode: 'real', probes, ports: [1] });

    /** A subnet of whose addresses two in 64 are strangers, one of these with a free row; of the others, some had fallen silent. */
    async function subnetOf(cidr: string): Promise<number> {
      const id = await made('/subnets', { cidr });
      await rows(
        `INSERT INTO address (vrf_id, address, status)
         SELECT vrf_id, host(cidr)::inet + n, CASE n % 64 WHEN 1 THEN 'free' ELSE 'assigned' END
           FROM subnet, generate_series(1, $2::int) n WHERE id = $1 AND n % 64 > 0`,
        [id, total],
      );
      await rows(
        `INSERT INTO observation (vrf_id, address, state, misses, first_probed, last_probed, first_seen, last_seen)
         SELECT vrf_id, host(cidr)::inet + n, 'silent', 5, now(), now(), now(), now()
           FROM subnet, generate_series(1, $2::int) n WHERE id = $1 AND n % 64 = 2`,
        [id, total],
      );
      return id;
    }

    /** What anybody who looks at a scan is shown, as long as it goes on; a moment without a database is no answer. */
    function watch(id: number) {
      const shown: Shown[] = [];
      const done = () => shown.at(-1)?.progress.done ?? 0;
      const all = (async () => {
        while (!['done', 'failed', 'cancelled'].includes(shown.at(-1)?.state ?? '')) {
          const { status, body } = await register.as('viewer').get(`/scans/${id}`);
          if (status === 200) shown.push(body);
          else assert.equal(status, 503);
          await sleep(50);
        }
        return shown;
      })();
      return { all, done, beyond: (far: number) => until(() => done() > far, 90_000) };
    }

    /** Nothing that was asked is missing from what a scan has kept, and nothing is there twice. */
    async function assertWhole(id: number, subnet: number, shown: readonly Shown[]): Promise<void> {
      for (const [nth, { progress, seen, missed, unknown }] of shown.entries()) {
        assert.equal(seen + missed + unknown, progress.done);
        assert.ok(progress.done >= (shown[nth - 1]?.progress.done ?? 0), 'it never goes back');
      }
      const { state, progress, seen, missed, unknown, discovered } = shown.at(-1) as Shown;
      assert.deepEqual(
        { state, progress, seen, missed, unknown, discovered },
        {
          state: 'done',
          progress: { done: total, total },
          seen: total,
          missed: 0,
          unknown: 0,
          discovered: strangers,
        },
      );
      const [kept] = await rows(
        `WITH place AS (SELECT cidr, vrf_id FROM subnet WHERE id = $2)
         SELECT (SELECT count(*) FROM scan_result WHERE scan_id = $1)::int AS results,
                (SELECT count(DISTINCT address) FROM scan_result WHERE scan_id = $1)::int AS asked,
                (SELECT count(*) FROM observation o, place p WHERE o.address << p.cidr)::int AS observations,
                (SELECT count(*) FROM observation o, place p
                  WHERE o.address << p.cidr AND o.state = 'up' AND o.misses = 0)::int AS up,
                (SELECT count(*) FROM discovery d, place p WHERE d.address << p.cidr AND d.state = 'open')::int AS discoveries,
                (SELECT count(*) FROM space_hold h, place p WHERE h.address << p.cidr)::int AS holds,
                (SELECT count(*) FROM address a, place p WHERE a.address << p.cidr AND a.version > 1)::int AS rewritten`,
        [id, subnet],
      );
      assert.deepEqual(kept, {
        results: total,
        asked: total,
        observations: total,
        up: total,
        discoveries: strangers,
        holds: strangers,
        rewritten: 0,
      });
    }

    it('is taken up again where it was, when its worker is killed, and when the next one is', async () => {
      const subnet = await subnetOf(`127.77.0.0/${prefixLength}`);
      const crew = await Promise.all([work(), work(), work()]);
      const id = await scanOf(subnet);
      const seen = watch(id);
      for (let kills = 0; kills < 2; kills += 1) {
        await seen.beyond(seen.done());
        let busy: ChildProcess | undefined;
        await until(() => {
          busy = crew.find((worker) => askerOf(worker) !== undefined);
          return busy !== undefined;
        });
        assert.ok(seen.done() < total, 'it is in the middle');
        await killed(busy as ChildProcess);
      }
      await assertWhole(id, subnet, await seen.all);
      const [run] = await rows<{ crashes: number }>(
        'SELECT crashes FROM job_run ORDER BY id DESC LIMIT 1',
        [],
      );
      assert.ok((run?.crashes ?? 0) >= 2);
    });

    it('ends as if nothing had been, when its servers are killed on the way', async () => {
      const subnet = await subnetOf(`127.78.0.0/${prefixLength}`);
      const id = await scanOf(subnet);
      const seen = watch(id);
      await work();
      await seen.beyond(0);
      await redis?.kill();
      await seen.beyond(seen.done());
      await server.kill();
      assert.ok(seen.done() < total, 'it is in the middle');
      await sleep(500);
      await server.start();
      await redis?.start();
      await assertWhole(id, subnet, await seen.all);
    });

    it('sends nothing any more, once its worker is gone', async () => {
      const subnet = await made('/subnets', { cidr: '127.79.0.0/22' });
      await register.as('admin').patch(`/subnets/${subnet}/scan-policy`, { packetsPerSecond: 100 });
      await scanOf(subnet);
      const worker = await work();
      await until(() => askerOf(worker) !== undefined);
      await sleep(200);
      const pid = askerOf(worker) as number;
      await killed(worker);
      // It would take ten seconds.
      await until(() => nameOf(pid) !== 'fping', 500);
    });
  });
}
