import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { definePlugin } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { type Probe, scanner, scanProbes } from './index.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes of objects for each address, at most: a target and a finding would take two hundred, the text of an address alone 47. */
const most = 40;
/** Bytes of buffers, however many addresses there are: what each connection to the database has for the largest message, a chunk. */
const buffered = 4e6;

/** What this process cannot give up, in bytes, at the beginning of each chunk that is asked. */
const kept: { objects: number; buffers: number }[] = [];

/** Says nothing of anybody, and looks at our memory. */
const gauge: Probe = {
  name: 'gauge',
  async *probe(targets) {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    kept.push({ objects: heapUsed, buffers: external });
    for await (const { address } of targets) yield { address, probe: 'gauge', verdict: 'unknown' };
  },
};
const gauges = definePlugin({
  name: 'gauges',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Looks at the memory of scans.',
  requires: [scanner],
  setup: (ctx) => ctx.extend(scanProbes, gauge),
});

describe('the memory of a scan', function () {
  this.timeout(120_000);
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([gauges], {
      env: {
        CADASTRE_SCANNER_ALLOW_LOOPBACK: 'true',
        CADASTRE_SCANNER_PACKETS_PER_SECOND: '0',
        CADASTRE_SCANNER_WORKER_PACKETS_PER_SECOND: '0',
      },
    });
  });
  after(() => register?.stop());

  /** What was kept in memory while some subnets were scanned in which everybody answers and nobody is registered. */
  async function scan(probe: string, cidrs: readonly string[]): Promise<typeof kept> {
    kept.length = 0;
    const admin = register.as('admin');
    const subnetIds: number[] = [];
    for (const cidr of cidrs) subnetIds.push((await admin.post('/subnets', { cidr })).body.id);
    const wish = { subnetIds, mode: 'real', probes: [probe, 'gauge'], ports: [1] };
    const { body: asked } = await admin.post('/scans', wish);
    await register.runQueued();
    const { body: done } = await admin.get(`/scans/${asked.id}`);
    assert.deepEqual([done.state, done.seen], ['done', done.progress.total]);
    return [...kept];
  }

  for (const [probe, second] of [
    ['icmp', 81],
    ['tcp', 82],
  ] as const) {
    it(`is the same however many were asked by ${probe}, with what keeps what they answered`, async () => {
      // Each subnet is a chunk; what runs for the first time takes memory for its code.
      await scan(
        probe,
        Array.from({ length: 40 }, (_, nth) => `127.${second}.0.${nth * 4}/30`),
      );
      const all = await scan(probe, [`127.${second}.64.0/18`]);
      assert.equal(all.length, 16);
      const objects = all.map((each) => each.objects);
      // The first knows no chunk of that size yet. The least of some: not always is as much under way.
      const growth = Math.min(...objects.slice(-4)) - Math.min(...objects.slice(1, 5));
      const perAddress = growth / (11 * 1_024);
      const buffers = Math.max(...all.map((each) => each.buffers)) - (all[0]?.buffers ?? 0);
      assert.ok(perAddress < most, `${perAddress.toFixed(0)} bytes for each further address`);
      assert.ok(buffers < buffered, `${buffers} bytes of buffers`);
    });
  }
});
