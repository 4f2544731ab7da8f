import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, hosts, options, targets, verdicts } from '../testing/ask.ts';
import { isOnPath } from './command.ts';
import { icmpProbe } from './icmp.ts';
import type { Probe, Target } from './probe.ts';
import { tcpProbe } from './tcp.ts';

/** Nobody routes 192.0.2.0/24 (RFC 5737), and nothing here sends there: the fping of these tests is a script. */
const documentation = hosts('192.0.2', 1, 3);

describe('probes on the loopback', function () {
  this.timeout(15_000);
  const path = process.env.PATH ?? '';
  let folder: string;
  let server: Server;
  let port: number;
  before(function (done) {
    // All of 127.0.0.0/8 answers, and /proc tells what is left behind, on Linux alone.
    if (process.platform !== 'linux') this.skip();
    folder = mkdtempSync(join(tmpdir(), 'cadastre-probes-'));
    server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.55.0.1', () => {
      port = (server.address() as { port: number }).port;
      done();
    });
  });
  afterEach(() => {
    process.env.PATH = path;
  });
  after(() => {
    server?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** Puts a program of this name before all others, or alone on the PATH. */
  function pretend(name: string, script: string): void {
    const file = join(folder, name);
    // It may be a link to the real one, which must not be written to.
    rmSync(file, { force: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    process.env.PATH = `${folder}${delimiter}${path}`;
  }

  /** Ends of connections of this machine, of the kernel's table, whose other end begins so; those that were reset are gone at once. */
  function socketsTo(prefix: string): string[] {
    const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1, -1);
    const ends = lines.map((line) => line.trim().split(/\s+/)[2] ?? '');
    const addresses = ends.map((end) =>
      [6, 4, 2, 0].map((at) => Number.parseInt(end.slice(at, at + 2), 16)).join('.'),
    );
    return addresses.filter((address) => address.startsWith(prefix));
  }

  describe('icmp', () => {
    it('hears every address of both families that is there', async function () {
      if (!isOnPath('fping')) this.skip();
      const all = [...hosts('127.55.1', 1, 250), '::1'];
      const found = await ask(icmpProbe, all);
      assert.ok([...found.values()].every(({ verdict }) => verdict === 'alive'));
      assert.ok([...found.values()].every(({ rttMs }) => rttMs !== undefined && rttMs >= 0 && rttMs < 1000));
    });

    it('keeps to the rate', async function () {
      if (!isOnPath('fping')) this.skip();
      const began = performance.now();
      await ask(icmpProbe, hosts('127.55.1', 1, 100), { packetsPerSecond: 200 });
      const took = performance.now() - began;
      assert.ok(took >= 490, `100 packets of 200/s took ${took} ms`);
    });

    it('tells who could not be asked from who did not answer', async () => {
      pretend(
        'fping',
        `cat >/dev/null; echo '192.0.2.1: error while sending ping: Network is unreachable' >&2
         echo 'ICMP Host Unreachable from 192.0.2.9 for ICMP Echo sent to 192.0.2.2' >&2; echo '192.0.2.3 (1.25 ms)'; exit 1`,
      );
      const found = await ask(icmpProbe, documentation);
      assert.deepEqual(verdicts(found), {
        '192.0.2.1': 'unknown',
        '192.0.2.2': 'silent',
        '192.0.2.3': 'alive',
      });
      assert.match(found.get('192.0.2.1')?.error ?? '', /Network is unreachable/);
      assert.equal(found.get('192.0.2.3')?.rttMs, 1.25);
    });

    it('knows nothing of those whom fping was not allowed to ask', async () => {
      pretend('fping', `cat >/dev/null; echo "fping: can't create socket (must run as root?)" >&2; exit 4`);
      const found = await ask(icmpProbe, documentation);
      assert.deepEqual([...new Set(Object.values(verdicts(found)))], ['unknown']);
      assert.match(found.get('192.0.2.1')?.error ?? '', /must run as root/);
    });

    it('knows nothing of those whom fping still had to ask when it was killed', async () => {
      pretend('fping', `echo '192.0.2.3 (1.25 ms)'; kill -9 $$`);
      const found = await ask(icmpProbe, documentation);
      assert.deepEqual(verdicts(found), {
        '192.0.2.1': 'unknown',
        '192.0.2.2': 'unknown',
        '192.0.2.3': 'alive',
      });
    });

    it('takes the answer of another address for none', async () => {
      pretend('fping', `cat >/dev/null; echo '192.0.2.1 [<- 192.0.2.3] (1.25 ms)'; exit 1`);
      assert.equal((await ask(icmpProbe, documentation)).get('192.0.2.1')?.verdict, 'silent');
    });

    it('asks by ping where there is no fping', async function () {
      if (!isOnPath('ping')) this.skip();
      const ping = path.split(delimiter).find((each) => existsSync(join(each, 'ping')));
      if (!existsSync(join(folder, 'ping'))) symlinkSync(join(ping as string, 'ping'), join(folder, 'ping'));
      rmSync(join(folder, 'fping'), { force: true });
      process.env.PATH = folder;
      const found = await ask(icmpProbe, ['127.0.0.1', '127.55.0.9', '::1'], { concurrency: 2 });
      assert.deepEqual(new Set(Object.values(verdicts(found))), new Set(['alive']));
      assert.ok((found.get('127.0.0.1')?.rttMs ?? -1) >= 0);
    });

    it('knows nothing where there is neither', async () => {
      process.env.PATH = join(folder, 'nothing');
      const found = await ask(icmpProbe, documentation);
      assert.deepEqual([...new Set(Object.values(verdicts(found)))], ['unknown']);
    });
  });

  describe('tcp', () => {
    it('tells open from refused, and takes both for life', async () => {
      const found = await ask(tcpProbe, ['127.55.0.1', '127.55.0.2'], { ports: [port] });
      assert.deepEqual(
        [...found.values()]
          .map(({ address, verdict, ports }) => [address, verdict, ports?.[0]?.state])
          .sort(),
        [
          ['127.55.0.1', 'alive', 'open'],
          ['127.55.0.2', 'alive', 'refused'],
        ],
      );
    });

    it('knows nothing of what it may not connect to, nor where there are no ports to ask', async () => {
      assert.deepEqual(verdicts(await ask(tcpProbe, ['255.255.255.255'], { ports: [port] })), {
        '255.255.255.255': 'unknown',
      });
      assert.deepEqual(verdicts(await ask(tcpProbe, ['127.55.0.1'])), { '127.55.0.1': 'unknown' });
    });

    it('asks IPv6', async () => {
      const found = await ask(tcpProbe, ['::1'], { ports: [port] });
      assert.deepEqual(found.get('::1')?.ports, [{ port, state: 'refused' }]);
    });

    it('keeps to the rate', async () => {
      const began = performance.now();
      await ask(tcpProbe, hosts('127.55.2', 1, 50), { ports: [9, 10], packetsPerSecond: 200 });
      const took = performance.now() - began;
      assert.ok(took >= 460, `100 connections of 200/s took ${took} ms`);
    });

    it('asks thousands without keeping any', async () => {
      let alive = 0;
      const many = function* (): Generator<Target> {
        for (let third = 0; third < 16; third += 1) yield* targets(hosts(`127.56.${third}`));
      };
      for await (const { verdict } of tcpProbe.probe(many(), options({ ports: [9], concurrency: 200 }))) {
        if (verdict === 'alive') alive += 1;
      }
      assert.equal(alive, 16 * 254);
      await pause(20);
      assert.deepEqual(socketsTo('127.5'), []);
    });
  });

  describe('ending early', () => {
    /** Processes of ours that run this program. */
    const children = (name: string) =>
      readdirSync('/proc').filter((pid) => {
        try {
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
          return stat.includes(`(${name})`) && stat.split(') ')[1]?.split(' ')[1] === String(process.pid);
        } catch {
          return false;
        }
      });
    const endless = function* (): Generator<Target> {
      for (;;) yield* targets(hosts('127.57.0'));
    };

    async function endedWithin(probe: Probe, of: Parameters<typeof options>[0]): Promise<number> {
      const end = new AbortController();
      let began = 0;
      const run = (async () => {
        for await (const _ of probe.probe(endless(), options({ ...of, signal: end.signal }))) {
          if (began > 0) continue;
          began = performance.now();
          setTimeout(() => end.abort(new Error('cancelled')), 50);
        }
      })();
      await assert.rejects(run, /cancelled/);
      return performance.now() - began;
    }

    it('a cancelled sweep of pings is over at once, its process gone', async function () {
      if (!isOnPath('fping')) this.skip();
      const took = await endedWithin(icmpProbe, { packetsPerSecond: 20 });
      assert.ok(took < 2000, `${took} ms`);
      assert.deepEqual(children('fping'), []);
    });

    it('a cancelled sweep without fping is over at once, its pings gone', async () => {
      pretend(
        'ping',
        `case "$*" in *.1) echo 'ping: Network is unreachable' ;; *) exec /bin/sleep 30 ;; esac`,
      );
      rmSync(join(folder, 'fping'), { force: true });
      process.env.PATH = folder;
      const took = await endedWithin(icmpProbe, { timeoutMs: 5_000 });
      assert.ok(took < 1000, `${took} ms`);
      for (let waited = 0; waited < 500 && children('sleep').length > 0; waited += 20) await pause(20);
      assert.deepEqual(children('sleep'), []);
    });

    it('a cancelled sweep of connections is over at once, its sockets closed', async () => {
      const took = await endedWithin(tcpProbe, { ports: [port], packetsPerSecond: 20 });
      assert.ok(took < 2000, `${took} ms`);
      await pause(20);
      assert.deepEqual(socketsTo('127.5'), []);
    });

    it('who stops listening leaves nothing behind', async function () {
      if (!isOnPath('fping')) this.skip();
      for await (const _ of icmpProbe.probe(endless(), options({ packetsPerSecond: 20 }))) break;
      for (let waited = 0; waited < 1000 && children('fping').length > 0; waited += 20) await pause(20);
      assert.deepEqual(children('fping'), []);
    });

    it('a signal that has fired already lets nothing begin', async () => {
      for (const probe of [icmpProbe, tcpProbe]) {
        await assert.rejects(
          ask(probe, ['127.0.0.1'], { ports: [port], signal: AbortSignal.abort(new Error('too late')) }),
          /too late/,
        );
      }
    });
  });
});
