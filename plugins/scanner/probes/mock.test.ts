import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createMockProbe, mockFinding, usualChances } from './mock.ts';
import type { Finding, ProbeOptions, Target } from './probe.ts';

const options = (seed: string, now = new Date('2026-11-24T12:00:00Z')): ProbeOptions => {
  const signal = new AbortController().signal;
  return {
    ports: [80, 443],
    timeoutMs: 1,
    attempts: 1,
    packetsPerSecond: 0,
    concurrency: 1,
    signal,
    seed,
    now,
  };
};
const targets = (count: number, more: Partial<Target> = {}): Target[] =>
  Array.from({ length: count }, (_, at) => ({
    address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
    family: 4,
    vrfId: 1,
    isRegistered: true,
    mac: '00:11:22:33:44:55',
    ...more,
  }));

async function asked(of: Target[], by: ProbeOptions, probe = createMockProbe()) {
  const findings: Finding[] = [];
  for await (const finding of probe.probe(of, by)) findings.push(finding);
  return findings;
}

describe('the simulated network', () => {
  const seed = fc.string({ maxLength: 8 });

  it('answers the same whenever the same is asked in the same period, and sends one finding for each target', () =>
    fc.assert(
      fc.asyncProperty(seed, fc.integer({ min: 0, max: 200 }), async (name, count) => {
        const [once, again] = [
          await asked(targets(count), options(name)),
          await asked(targets(count), options(name)),
        ];
        assert.deepEqual(once, again);
        assert.equal(once.length, count);
      }),
      { numRuns: 20 },
    ));

  it('changes with the seed and with the time', () => {
    const [one = {} as Target] = targets(1);
    const found = (by: ProbeOptions) =>
      targets(200).map((target) => mockFinding({ ...one, ...target }, by).verdict);
    assert.notDeepEqual(found(options('a')), found(options('b')));
    assert.notDeepEqual(found(options('a')), found(options('a', new Date('2026-12-24T12:00:00Z'))));
  });

  it('is as dense as its chances say', () =>
    fc.assert(
      fc.asyncProperty(seed, async (name) => {
        const share = (of: Target[]) => {
          const alive = of.filter((target) => mockFinding(target, options(name)).verdict === 'alive');
          return alive.length / of.length;
        };
        assert.ok(Math.abs(share(targets(3_000)) - usualChances.registered) < 0.05);
        assert.ok(
          Math.abs(share(targets(3_000, { isRegistered: false })) - usualChances.unregistered) < 0.02,
        );
      }),
      { numRuns: 10 },
    ));

  it('has another MAC answer at least once among fifty that are registered with one and answer', () =>
    fc.assert(
      fc.asyncProperty(seed, async (name) => {
        const alive = (await asked(targets(80), options(name))).filter(({ verdict }) => verdict === 'alive');
        const others = alive.filter(({ macs }) => macs?.[0] !== '00:11:22:33:44:55');
        assert.ok(alive.length < 50 || others.length >= 1);
      }),
      { numRuns: 100 },
    ));

  it('counts those fifty through all chunks of one scan', async () => {
    const probe = createMockProbe({ ...usualChances, registered: 1, otherMac: 1e-9 });
    const by = options('chunks');
    const found = [];
    for (const chunk of [targets(30), targets(30, { vrfId: 2 })])
      found.push(...(await asked(chunk, by, probe)));
    assert.equal(found.filter(({ macs }) => macs?.[0] !== '00:11:22:33:44:55').length, 1);
  });

  it('can be set so that nobody, or everybody, answers as recorded', async () => {
    const none = createMockProbe({ ...usualChances, registered: 0 });
    assert.ok((await asked(targets(50), options('x'), none)).every(({ verdict }) => verdict === 'silent'));
    const all = createMockProbe({ ...usualChances, registered: 1, otherMac: 0, otherName: 0 });
    const found = await asked(targets(100), options('x'), all);
    assert.ok(found.every(({ macs, ptr }) => macs?.[0] === '00:11:22:33:44:55' && ptr === null));
  });

  it('stops when it is told to', async () => {
    const ending = new AbortController();
    ending.abort();
    await assert.rejects(asked(targets(5), { ...options('x'), signal: ending.signal }));
  });
});
