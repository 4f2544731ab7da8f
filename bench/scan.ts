import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ProbeOptions, packetProbes, type Target } from '#plugins/scanner';
import { Report } from './harness/report.ts';
import { median } from './harness/rounds.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

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

/** Counts what answers, and throws where that is not everybody; `look` is called at the end and on the way there. */
async function sweep(name: string, addresses: number, look?: () => void): Promise<Cost> {
  const probe = packetProbes.find((each) => each.name === name);
  if (!probe) throw new Error(`There is no probe ${name}.`);
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

function tool(program: string, args: readonly string[], addresses: number): Cost {
  const input = Array.from(targets(addresses), ({ address }) => address).join('\n');
  const before = { at: performance.now(), cpu: cpu() };
  // Nobody reads what it says, which is the quickest for it.
  const { error, status } = spawnSync(program, args, { input, stdio: ['pipe', 'ignore', 'ignore'] });
  if (error || status !== 0) throw error ?? new Error(`${program} ended with ${status}.`);
  return { wall: performance.now() - before.at, cpu: cpu() - before.cpu };
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
