import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { reverseName } from '../domain/reverse-name.ts';
import { isOnPath } from '../probes/command.ts';
import { Capture } from './capture.ts';

/** The half of 198.18.0.0/15 that lies behind the routers of the links in the other. */
const behind = '198.19.0.0/16';
const programs = ['ip', 'fping', 'arp-scan', 'dnsmasq', 'tcpdump'];

/** Why networks of namespaces cannot be had here; null where they can. */
function whyNoNamespaces(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'namespaces need root on Linux';
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length > 0) return `these are not on the PATH: ${missing.join(', ')}`;
  try {
    ip('netns', 'add', 'cadastre-try');
    ip('netns', 'del', 'cadastre-try');
    return null;
  } catch (error) {
    return `no namespaces: ${(error as Error).message}`;
  }
}

/** Skips a suite, with the reason as its last word, where there are no namespaces. */
export function needsNamespaces(suite: Mocha.Context): void {
  const reason = whyNoNamespaces();
  if (reason === null) return;
  console.log(`      skipped: ${reason}`);
  suite.skip();
}

/**
 * A link of its own, whose near end is in the namespace of the tests and whose far end, in another, carries hosts: each a macvlan with its own
 * MAC. It has a /24 of 198.18.0.0/16 (RFC 2544, for tests) and a /64 of 2001:db8::/32, in which .1 and ::1 are the prober; what
 * is sent there never leaves for anywhere else, not even when the link is gone.
 */
export class TestNetwork {
  readonly prefix: string;
  readonly prefix6: string;
  readonly near: string;
  readonly #far: string;
  readonly #namespace: string;
  readonly #children: ChildProcess[] = [];
  #hosts = 0;
  #isBehind = false;

  private constructor(third: number) {
    this.prefix = `198.18.${third}`;
    this.prefix6 = `2001:db8:${third.toString(16)}:`;
    this.#namespace = `cadastre-${process.pid}-${third}`;
    this.near = `cn${third}`;
    this.#far = `cf${third}`;
  }

  /** Sets it up under the first number that nobody uses. */
  static start(): TestNetwork {
    for (let third = process.pid % 200; ; third = (third + 1) % 250) {
      const network = new TestNetwork(third);
      try {
        ip('link', 'add', network.near, 'type', 'veth', 'peer', 'name', network.#far);
      } catch (error) {
        if (String((error as { stderr?: unknown }).stderr).includes('File exists')) continue;
        throw error;
      }
      try {
        network.#setUp();
      } catch (error) {
        network.#tearDown();
        throw error;
      }
      return network;
    }
  }

  get cidr(): string {
    return `${this.prefix}.0/24`;
  }

  get cidr6(): string {
    return `${this.prefix6}:/64`;
  }

  /** The prober's own address, which also serves as the gateway. */
  get gateway(): string {
    return `${this.prefix}.1`;
  }

  #setUp(): void {
    const { near, prefix, prefix6 } = this;
    ip('netns', 'add', this.#namespace);
    ip('link', 'set', this.#far, 'netns', this.#namespace);
    // Each host answers for its own addresses alone, by its own MAC.
    this.inside(
      'sh',
      '-c',
      `cd /proc/sys/net; for c in all default; do echo 1 > ipv4/conf/$c/arp_ignore; echo 2 > ipv4/conf/$c/arp_announce
         echo 0 > ipv4/conf/$c/rp_filter; echo 0 > ipv6/conf/$c/accept_dad; done
       ip link set lo up; ip link set ${this.#far} up`,
    );
    ipBatch([
      `addr add ${prefix}.1/24 dev ${near}`,
      `addr add ${prefix6}:1/64 dev ${near} nodad`,
      `link set ${near} up`,
      `route add unreachable ${this.cidr} metric 9999`,
      `route add unreachable ${this.cidr6} metric 9999`,
    ]);
  }

  /** Hosts that are there from now on; each answers for its addresses and has a MAC of its own, which is what comes back. */
  addHosts(hosts: readonly { addresses: readonly string[]; mac?: string }[]): string[] {
    const macs: string[] = [];
    const commands = hosts.flatMap(({ addresses, mac }) => {
      const nth = ++this.#hosts;
      const own = mac ?? `02:00:5e:00:${hex(nth >> 8)}:${hex(nth & 255)}`;
      macs.push(own);
      return [
        `link add h${nth} link ${this.#far} address ${own} type macvlan mode bridge`,
        ...addresses.map((address) => this.#addressCommand('add', address, `h${nth}`)),
        `link set h${nth} up`,
      ];
    });
    ipBatch(commands, this.#namespace);
    return macs;
  }

  /** One host more; its MAC. A second one of the same address is the duplicate case. */
  addHost(...addresses: string[]): string {
    return this.addHosts([{ addresses }])[0] as string;
  }

  /** The host with this address, counted from 1 in the order in which they were added, has it no longer. */
  removeAddress(address: string, nth: number): void {
    ipBatch([this.#addressCommand('del', address, `h${nth}`)], this.#namespace);
  }

  #addressCommand(deed: 'add' | 'del', address: string, device: string): string {
    return address.includes(':')
      ? `addr ${deed} ${address}/64 dev ${device}${deed === 'add' ? ' nodad' : ''}`
      : `addr ${deed} ${address}/24 dev ${device}`;
  }

  /** Puts 198.19.0.0/16 behind a router at the far end: these blocks of it answer, and what is sent to others is lost. */
  putBehind(answering: readonly string[]): void {
    const router = `${this.prefix}.254`;
    ipBatch(
      [
        `addr add ${router}/24 dev ${this.#far}`,
        ...answering.map((block) => `route add local ${block} dev lo`),
      ],
      this.#namespace,
    );
    ipBatch([
      `route add unreachable ${behind} metric 9999`,
      `route add ${behind} via ${router} dev ${this.near}`,
    ]);
    this.#isBehind = true;
  }

  /** Listens at a port of these addresses, which accept and say nothing. */
  async listen(port: number, addresses: readonly string[]): Promise<void> {
    const program = `const { createServer } = require('node:net');
      const addresses = ${JSON.stringify(addresses)}; let open = 0;
      for (const host of addresses) createServer((socket) => socket.on('error', () => {})).listen(${port}, host, () => {
        if (++open === addresses.length) console.log('open');
      });`;
    const child = this.#spawnInside(process.execPath, '-e', program);
    await saying(child, 'open');
  }

  /** A name server (UDP port 53) at a host's address that knows these and nothing else: PTR and, unless they are `oneWay`, A and AAAA. */
  async nameServer(at: string, names: Readonly<Record<string, string>>, oneWay: readonly string[] = []) {
    const records = Object.entries(names).flatMap(([address, name]) => [
      `--ptr-record=${reverseName(address)},${name}`,
      ...(oneWay.includes(address) ? [] : [`--host-record=${name},${address}`]),
    ]);
    const child = this.#spawnInside(
      'dnsmasq',
      '--keep-in-foreground',
      '--no-resolv',
      '--no-hosts',
      '--local=/#/',
      '--conf-file=/dev/null',
      '--user=root',
      '--pid-file=',
      '--log-facility=-',
      '--bind-interfaces',
      `--listen-address=${at}`,
      ...records,
    );
    await saying(child, 'started');
  }

  /** Pulls the cable at the far end: the near one has no carrier. */
  cut(): void {
    ip('-n', this.#namespace, 'link', 'set', this.#far, 'down');
  }

  mend(): void {
    ip('-n', this.#namespace, 'link', 'set', this.#far, 'up');
  }

  /** Notes whom the near end asks from now on. */
  capture(): Promise<Capture> {
    return Capture.start(this.near);
  }

  /** Runs a program in the namespace of the hosts. */
  inside(...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.#namespace, ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  #spawnInside(...command: string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.#namespace, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    return child;
  }

  /** Ends what runs in it and takes it away. */
  async stop(): Promise<void> {
    await Promise.all(this.#children.map(stopped));
    this.#tearDown();
  }

  #tearDown(): void {
    for (const command of [
      ['route', 'del', 'unreachable', this.cidr, 'metric', '9999'],
      ...(this.#isBehind ? [['route', 'del', 'unreachable', behind, 'metric', '9999']] : []),
      ['-6', 'route', 'del', 'unreachable', this.cidr6, 'metric', '9999'],
      ['link', 'del', this.near],
      ['netns', 'del', this.#namespace],
    ]) {
      try {
        ip(...command);
      } catch {
        // What was never set up need not be taken away.
      }
    }
  }
}

/** Ends a child by its own pid, and waits until it is gone. */
async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Waits until a child says the word; throws with all that it said where it ends before. */
async function saying(child: ChildProcess, word: string): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk;
      if (said.includes(word)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`It ended before it said "${word}": ${said}`)));
  });
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function ipBatch(commands: readonly string[], namespace?: string): void {
  const args = namespace ? ['-n', namespace, '-batch', '-'] : ['-batch', '-'];
  execFileSync('ip', args, { input: commands.join('\n'), stdio: ['pipe', 'ignore', 'pipe'] });
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
