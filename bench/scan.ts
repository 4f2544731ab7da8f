import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type ProbeOptions, packetProbes, type Target } from '#plugins/scanner';
import { Report } from './harness/report.ts';
import { median } from './harness/rounds.ts';

const goals = { icmpWall: 1.15, icmpCpu: 1.5, tcpWall: 1 };
const rounds = 3;
const options: ProbeOptions = {
  ports: [80, 443],
  timeoutMs: 1000,
  attempts: 2,
  packetsPerSecond: 0,
  concurrency: 256,
  signal: new AbortController().signal,
  now: new Date(),
};

/** Milliseconds; CPU with that of children that have ended, from /proc. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
  /** Megabytes of this process beyond those before. */
  readonly memory: number;
}

/** Sweeps of the loopback, which answers everywhere, beside the tools that network engineers use. */
async function main(): Promise<void> {
  const report = new Report('Scans');
  await sweep('icmp', 4_096);
  await sweep('tcp', 512);

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

  const some = 4_094;
  const tcp: Record<'nmap' | 'ours', Cost[]> = { nmap: [], ours: [] };
  // -n, since its reverse look-ups are no part of the sweep.
  const nmap = ['-n', '-sT', '-T4', '-Pn', '-p', options.ports.join(','), '-iL', '-'];
  for (let round = 0; round < rounds; round += 1) {
    tcp.ours.push(await sweep('tcp', some));
    tcp.nmap.push(tool('nmap', nmap, some));
  }
  compare(report, `TCP, ${some} addresses, two ports`, 'nmap -n', tcp.ours, tcp.nmap);
  goal(report, 'the wall time of a TCP sweep', 'nmap -n', tcp.ours, tcp.nmap, 'wall', goals.tcpWall);

  const sizes = [254, most];
  const memory: number[][] = [];
  for (const size of sizes)
    memory.push([(await sweep('icmp', size)).memory, (await sweep('tcp', size)).memory]);
  report.table(
    ['memory that a sweep adds, MB', 'icmp', 'tcp'],
    sizes.map((size, nth) => [`${size} addresses`, ...(memory[nth] ?? [])]),
  );
  report.end();
}

/** Counts what answers, and throws where that is not everybody. */
async function sweep(name: string, addresses: number): Promise<Cost> {
  const probe = packetProbes.find((each) => each.name === name);
  if (!probe) throw new Error(`There is no probe ${name}.`);
  globalThis.gc?.();
  const before = { at: performance.now(), cpu: cpu(), memory: process.memoryUsage.rss() };
  let alive = 0;
  let peak = before.memory;
  for await (const { verdict } of probe.probe(targets(addresses), options)) {
    if (verdict === 'alive') alive += 1;
    if (alive % 4_096 === 0) peak = Math.max(peak, process.memoryUsage.rss());
  }
  if (alive !== addresses) throw new Error(`${alive} of ${addresses} answered ${name}.`);
  return {
    wall: performance.now() - before.at,
    cpu: cpu() - before.cpu,
    memory: (Math.max(peak, process.memoryUsage.rss()) - before.memory) / 1e6,
  };
}

function tool(program: string, args: readonly string[], addresses: number): Cost {
  const input = Array.from(targets(addresses), ({ address }) => address).join('\n');
  const before = { at: performance.now(), cpu: cpu() };
  // Nobody reads what it says, which is the quickest for it.
  const { error, status } = spawnSync(program, args, { input, stdio: ['pipe', 'ignore', 'ignore'] });
  if (error || status !== 0) throw error ?? new Error(`${program} ended with ${status}.`);
  return { wall: performance.now() - before.at, cpu: cpu() - before.cpu, memory: 0 };
}

function* targets(count: number): Generator<Target> {
  for (let nth = 1; nth <= count; nth += 1) {
    const address = `127.77.${nth >> 8}.${nth & 255}`;
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
