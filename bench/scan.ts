import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Probe, type ProbeOptions, packetProbes, type Target } from '#plugins/scanner';
import { Report } from './harness/report.ts';
import { median } from './harness/rounds.ts';
import { putUpSilentNetwork } from './harness/silent-network.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const goals = { icmpWall: 1.15, icmpCpu: 1.5, tcpWall: 1 };
const rounds = 5;
const options: ProbeOptions = {
  ports: [80, 443],
  timeoutMs: 1000,
  attempts: 2,
  packetsPerSecond: 0,
  concurrency: 2_048,
  signal: new AbortController().signal,
  now: new Date(),
};

/** -n, since its reverse look-ups are no part of the sweep. */
const nmap = ['-n', '-sT', '-T4', '-Pn', '-p', options.ports.join(','), '-iL', '-'];

/** Milliseconds; CPU with that of children that have ended, from /proc. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Sweeps of the loopback, which answers everywhere, beside the tools that network engineers use. */
async function main(): Promise<void> {
  const report = new Report('Scans');
  // A process that scans has been at it for long: its code is compiled.
  for (let turn = 0; turn < 3; turn += 1) {
    await sweep('icmp', 16_384);
    await sweep('tcp', 4_096);
  }

  const most = 65_534;
  const icmp: Record<'fping' | 'ours', Cost[]> = { fping: [], ours: [] };
  const flags = ['-a', '-e', '-r', '1', '-t', '1000', '-B', '1.5', '-i', '0'];
  for (let round = 0; round < rounds; round += 1) {
    icmp.ours.push(await sweep('icmp', most));
    icmp.fping.push(tool('fping', flags, most));
  }
  compare(report, `ICMP, ${most} addresses`, 'fping', icmp.ours, icmp.fping);
  goal(report, 'the wall time of an ICMP sweep', 'fping', icmp.ours, icmp.fping, 'wall', goals.icmpWall);
  goal(report, 'the CPU of an ICMP sweep', 'fping', icmp.ours, icmp.fping, 'cpu', goals.icmpCpu);

  for (const some of [4_094, 16_382]) {
    const tcp: Record<'nmap' | 'ours', Cost[]> = { nmap: [], ours: [] };
    for (let round = 0; round < rounds; round += 1) {
      tcp.ours.push(await sweep('tcp', some));
      tcp.nmap.push(tool('nmap', nmap, some));
    }
    compare(report, `TCP, ${some} addresses, two ports`, 'nmap -n', tcp.ours, tcp.nmap);
    goal(report, 'the wall time of a TCP sweep', 'nmap -n', tcp.ours, tcp.nmap, 'wall', goals.tcpWall);
  }
  await mostlySilent(report);

  const rows = [];
  for (const size of [254, 8_190, most]) {
    const [icmpRow, tcpRow] = [await memory('icmp', size), await memory('tcp', size)];
    rows.push([`${size} addresses`, ...icmpRow, ...tcpRow]);
  }
  report.table(['MB beyond those before', 'icmp: kept', 'with garbage', 'tcp: kept', 'with garbage'], rows);
  report.say(
    'Kept: objects and buffers, at the worst moment, after a collection. With garbage: what the process is larger by, which is up to the collector. A probe that is given a whole /16 holds a batch of it; a scan gives it 1,024 addresses at a time.',
  );
  report.end();
}

/** A /22 of which an eighth answers, and what is sent to the others is lost: what a network mostly looks like. */
async function mostlySilent(report: Report): Promise<void> {
  let takeAway: () => void;
  try {
    takeAway = putUpSilentNetwork([0, 1, 2, 3].map((third) => `198.19.${third}.64/27`));
  } catch (error) {
    report.say(`Not measured: TCP sweeps of silent addresses. ${(error as Error).message}`);
    return;
  }
  try {
    const block = [...targets(1_022, '198.19')];
    const before = { at: performance.now(), cpu: cpu() };
    const verdicts: string[] = [];
    for await (const { verdict } of probeNamed('tcp').probe(block, options)) verdicts.push(verdict);
    const ours = [{ wall: performance.now() - before.at, cpu: cpu() - before.cpu }];
    const alive = verdicts.filter((verdict) => verdict === 'alive').length;
    const silent = verdicts.filter((verdict) => verdict === 'silent').length;
    if (alive !== 128 || silent !== 894) throw new Error(`${alive} answered, ${silent} were silent.`);
    const theirs = [tool('nmap', nmap, block.length, '198.19')];
    compare(report, 'TCP, 128 of 1022 addresses answer, two ports', 'nmap -n', ours, theirs);
    goal(report, 'the wall time of such a sweep', 'nmap -n', ours, theirs, 'wall', goals.tcpWall);
  } finally {
    takeAway();
  }
}

/** Counts what answers, and throws where that is not everybody; `look` is called at the end and on the way there. */
async function sweep(name: string, addresses: number, look?: () => void): Promise<Cost> {
  const probe = probeNamed(name);
  collect();
  const before = { at: performance.now(), cpu: cpu() };
  let alive = 0;
  for await (const { verdict } of probe.probe(targets(addresses), options)) {
    if (verdict === 'alive' && ++alive % 4_096 === 0) look?.();
  }
  look?.();
  if (alive !== addresses) throw new Error(`${alive} of ${addresses} answered ${name}.`);
  return {
    wall: performance.now() - before.at,
    cpu: cpu() - before.cpu,
  };
}

/** The most that a sweep keeps, of what a collection leaves, and the most that the process grows by without one. */
async function memory(name: string, addresses: number): Promise<[kept: number, resident: number]> {
  const growth = async (measure: () => number) => {
    const before = measure();
    let most = before;
    await sweep(name, addresses, () => {
      most = Math.max(most, measure());
    });
    return (most - before) / 1e6;
  };
  collect();
  const resident = await growth(process.memoryUsage.rss);
  const kept = await growth(() => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  });
  return [kept, resident];
}

function probeNamed(name: string): Probe {
  const probe = packetProbes.find((each) => each.name === name);
  if (!probe) throw new Error(`There is no probe ${name}.`);
  return probe;
}

function tool(program: string, args: readonly string[], addresses: number, prefix?: string): Cost {
  const input = Array.from(targets(addresses, prefix), ({ address }) => address).join('\n');
  const before = { at: performance.now(), cpu: cpu() };
  // Nobody reads what it says, which is the quickest for it.
  const { error, status } = spawnSync(program, args, { input, stdio: ['pipe', 'ignore', 'ignore'] });
  if (error || status !== 0) throw error ?? new Error(`${program} ended with ${status}.`);
  return { wall: performance.now() - before.at, cpu: cpu() - before.cpu };
}

function* targets(count: number, prefix = '127.77'): Generator<Target> {
  for (let nth = 1; nth <= count; nth += 1) {
    const address = `${prefix}.${nth >> 8}.${nth & 255}`;
    yield { address, family: 4, vrfId: 1, isRegistered: false, mac: null };
  }
}

/** Milliseconds of CPU that this process and its ended children have had (fields 14 to 17 of /proc/self/stat, in hundredths). */
function cpu(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

function middle(costs: readonly Cost[], of: 'wall' | 'cpu'): number {
  return median(costs.map((cost) => cost[of]));
}

function compare(
  report: Report,
  what: string,
  name: string,
  ours: readonly Cost[],
  theirs: readonly Cost[],
): void {
  const row = (who: string, costs: readonly Cost[]) => {
    const [wall, used] = [middle(costs, 'wall'), middle(costs, 'cpu')];
    return [who, wall, wall / middle(theirs, 'wall'), used, used / middle(theirs, 'cpu')];
  };
  report.table(
    [what, 'wall ms', `to ${name}`, 'CPU ms, children included', `to ${name}`],
    [row('Cadastre', ours), row(name, theirs)],
  );
}

/** Says whether ours costs at most so many times theirs. */
function goal(
  report: Report,
  what: string,
  name: string,
  ours: readonly Cost[],
  theirs: readonly Cost[],
  of: 'wall' | 'cpu',
  most: number,
): void {
  const ratio = middle(ours, of) / middle(theirs, of);
  const met = ratio <= most ? 'met' : 'MISSED';
  report.say(
    `${met}: ${what}, to that of ${name}, is ${ratio.toFixed(2)}, the goal is at most ${most.toFixed(2)}.`,
  );
}

await main();
