import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** Who was asked on a link, by tcpdump, while it runs. */
export class Capture {
  readonly #child: ChildProcess;
  readonly #asked = new Set<string>();
  #rest = '';
  #said = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk) => this.#read(String(chunk)));
    child.stderr?.on('data', (chunk) => {
      this.#said += chunk;
    });
  }

  /** Resolves once tcpdump listens. `device` may be `any`; `filter` is tcpdump's own language. */
  static async start(device: string, filter = ''): Promise<Capture> {
    // Short snapshots in a large buffer, so that a flood is not lost.
    const quick = ['-s', '96', '-B', '32768', '--immediate-mode'];
    const child = spawn('tcpdump', ['-i', device, '-Q', 'out', '-nn', '-q', '-t', '-l', ...quick, filter], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const capture = new Capture(child);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`tcpdump ended: ${capture.#said}`)));
      child.once('error', reject);
      child.stderr.on('data', () => {
        if (capture.#said.includes('listening on')) resolve();
      });
    });
    return capture;
  }

  /**
   * Ends it, and answers every address that something was sent to or asked about by ARP, multicast left out. Throws where packets were
   * lost to it, since it would then prove nothing.
   */
  async stop(): Promise<ReadonlySet<string>> {
    await pause(300);
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    await closed;
    if (!/^0 packets dropped by kernel/m.test(this.#said)) throw new Error(`tcpdump: ${this.#said}`);
    return this.#asked;
  }

  /** `IP 198.18.7.1 > 198.18.7.9: ICMP …`, `IP6 … > …`, ports after a dot, and `ARP, Request who-has 198.18.7.9 tell …` */
  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const v4 = /^(?:IP \S+ > |ARP, Request who-has )(\d+\.\d+\.\d+\.\d+)/.exec(line)?.[1];
      const v6 = /^IP6 \S+ > ([0-9a-f:]+)/.exec(line)?.[1]?.replace(/:$/, '');
      const address = v4 ?? v6;
      if (address && !address.startsWith('ff02:')) this.#asked.add(address);
    }
  }
}
