import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, hosts, options, targets } from '../testing/ask.ts';
import type { Target } from './probe.ts';
import { tcpProbe } from './tcp.ts';
import { mostThreads, readyThreads, startThreads, stopThreads } from './threads.ts';

describe('sweeps by several threads', function () {
  this.timeout(15_000);
  const asked = [0, 1, 2, 3].flatMap((third) => hosts(`127.58.${third}`));

  before(function () {
    // All of 127.0.0.0/8 answers on Linux alone.
    if (process.platform !== 'linux' || mostThreads === 0) this.skip();
  });
  beforeEach(ready);
  after(stopThreads);

  async function ready(): Promise<void> {
    startThreads();
    while (readyThreads().length < mostThreads) await pause(5);
  }

  it('tells each address once, with all its ports', async () => {
    const found = await ask(tcpProbe, asked, { ports: [9, 10], timeoutMs: 2000 });
    for (const address of asked) {
      const { verdict, ports, rttMs = -1 } = found.get(address) ?? {};
      assert.equal(verdict, 'alive');
      assert.deepEqual(ports, [
        { port: 9, state: 'refused' },
        { port: 10, state: 'refused' },
      ]);
      assert.ok(rttMs > 0 && rttMs < 2000);
    }
  });

  it('takes threads only for a sweep that is long', async () => {
    await stopThreads();
    await ask(tcpProbe, asked.slice(0, 254), { ports: [9] });
    await pause(200);
    assert.deepEqual(readyThreads(), []);
    await ask(tcpProbe, asked, { ports: [9] });
    while (readyThreads().length < mostThreads) await pause(5);
  });

  it('asks again what threads owe that end in the middle', async () => {
    const verdicts: string[] = [];
    let stopped: Promise<void> | undefined;
    for await (const { verdict } of tcpProbe.probe(
      targets(asked),
      options({ ports: [9], timeoutMs: 2000 }),
    )) {
      if (verdicts.push(verdict) === 300) {
        assert.equal(readyThreads().length, mostThreads);
        stopped = stopThreads();
      }
    }
    await stopped;
    assert.deepEqual(readyThreads(), []);
    assert.equal(verdicts.length, asked.length);
    assert.deepEqual([...new Set(verdicts)], ['alive']);
  });

  it('does without where the process may have no threads', () => {
    const program = `import { Hands } from '${new URL('./hands.ts', import.meta.url)}';
      const hands = new Hands({ ports: [9], timeoutMs: 2000, attempts: 1, packetsPerSecond: 0, places: 50 });
      const asked = Array.from({ length: 700 }, (_, nth) => hands.ask('127.58.' + (nth >> 8) + '.' + (nth & 255)));
      console.log((await Promise.all(asked)).flat().filter(({ state }) => state === 'refused').length);
      hands.close(new Error('over'));`;
    const confined = [
      '--no-warnings',
      '--permission',
      '--allow-fs-read=*',
      '--input-type=module',
      '-e',
      program,
    ];
    assert.equal(execFileSync(process.execPath, confined, { encoding: 'utf8' }), '700\n');
  });

  it('keeps what has a rate to one thread, and to the rate', async () => {
    const began = performance.now();
    await ask(tcpProbe, asked.slice(0, 200), { ports: [9, 10], packetsPerSecond: 1000 });
    const took = performance.now() - began;
    assert.ok(took >= 375, `400 connections of 1000/s took ${took} ms`);
  });

  it('a cancelled sweep is over at once, and the threads are there for the next', async () => {
    const end = new AbortController();
    const endless = function* (): Generator<Target> {
      for (;;) yield* targets(asked);
    };
    let told = 0;
    const sweep = async () => {
      for await (const _ of tcpProbe.probe(endless(), options({ ports: [9], signal: end.signal }))) {
        if (++told === 2000) end.abort(new Error('cancelled'));
      }
    };
    await assert.rejects(sweep(), /cancelled/);
    const over = told;
    await pause(20);
    assert.equal(told, over);
    assert.equal(readyThreads().length, mostThreads);
    assert.equal((await ask(tcpProbe, asked, { ports: [9], timeoutMs: 2000 })).size, asked.length);
  });
});
