import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, hosts, options, targets, verdicts } from '../testing/ask.ts';
import { needsNamespaces, TestNetwork } from '../testing/namespaces.ts';
import { arpProbe } from './arp.ts';
import { dnsProbe } from './dns.ts';
import { icmpProbe } from './icmp.ts';
import type { Finding } from './probe.ts';
import { tcpProbe } from './tcp.ts';
import { mostThreads, readyThreads, startThreads, stopThreads } from './threads.ts';

/** How many connections of this machine wait for an answer from behind the router. */
function awaited(): number {
  const args = ['-Htn', 'state', 'syn-sent', 'dst', '198.19.0.0/16'];
  return execFileSync('ss', args, { encoding: 'utf8' }).split('\n').length - 1;
}

describe('probes, by real packets', function () {
  this.timeout(30_000);
  let network: TestNetwork;
  let all: string[];
  let up: string[];
  let macs: string[];
  const aliveOf = (found: ReadonlyMap<string, Finding>) =>
    [...found.values()].flatMap(({ address, verdict }) => (verdict === 'alive' ? [address] : []));
  const sorted = (addresses: Iterable<string>) => [...addresses].sort();

  before(async function () {
    needsNamespaces(this);
    network = TestNetwork.start();
    all = hosts(network.prefix, 2);
    up = all.filter((_, nth) => nth % 6 === 1).slice(0, 40);
    macs = network.addHosts(
      up.map((address, nth) => ({ addresses: [address, `${network.prefix6}:${(nth + 16).toString(16)}`] })),
    );
  });
  after(() => network?.stop());

  it('40 hosts of a /24 answer pings, and nobody else; nothing outside is asked', async () => {
    const capture = await network.capture();
    const found = await ask(icmpProbe, all, { attempts: 2 });
    const asked = await capture.stop();
    assert.equal(up.length, 40);
    assert.deepEqual(sorted(aliveOf(found)), sorted(up));
    assert.ok([...found.values()].every(({ verdict }) => verdict !== 'unknown'));
    assert.ok((found.get(up[0] as string)?.rttMs ?? -1) >= 0);
    assert.deepEqual(
      sorted([...asked].filter((address) => !all.includes(address) && address.includes('.'))),
      [],
    );
    assert.equal([...asked].filter((address) => all.includes(address)).length, all.length);
  });

  it('each has its own MAC, and who is not there has none', async () => {
    const found = await ask(arpProbe, all, { attempts: 2 });
    assert.deepEqual(
      sorted(aliveOf(found).map((address) => `${address} ${found.get(address)?.macs}`)),
      sorted(up.map((address, nth) => `${address} ${macs[nth]}`)),
    );
    assert.equal([...found.values()].filter(({ verdict }) => verdict === 'silent').length, all.length - 40);
  });

  it('open, refused and silent ports are told apart', async () => {
    await network.listen(443, up.slice(0, 10));
    const found = await ask(tcpProbe, all, { ports: [80, 443] });
    assert.deepEqual(sorted(aliveOf(found)), sorted(up));
    const ports = (address: string | undefined) => found.get(address ?? '')?.ports;
    assert.deepEqual(ports(up[0]), [
      { port: 80, state: 'refused' },
      { port: 443, state: 'open' },
    ]);
    assert.deepEqual(ports(up[10])?.[1], { port: 443, state: 'refused' });
    assert.deepEqual(ports(all.find((address) => !up.includes(address)))?.[1], {
      port: 443,
      state: 'silent',
    });
  });

  it('names are looked up at the resolver of the subnet, and back', async () => {
    const [server = '', printer = '', liar = '', nameless = ''] = up;
    await network.nameServer(server, { [printer]: 'Printer.example.test', [liar]: 'liar.example.test' }, [
      liar,
    ]);
    const found = await ask(dnsProbe, [printer, liar, nameless], { resolver: server, timeoutMs: 1000 });
    const named = ({ ptr, confirmed, error }: Finding) => ({ ptr, confirmed, error });
    assert.deepEqual(
      [printer, liar, nameless].map((address) => named(found.get(address) as Finding)),
      [
        { ptr: 'printer.example.test', confirmed: true, error: undefined },
        { ptr: 'liar.example.test', confirmed: false, error: undefined },
        { ptr: null, confirmed: undefined, error: undefined },
      ],
    );
  });

  it('IPv6 hosts answer pings and connections, and the neighbour table has their MACs', async () => {
    const [first, second, absent] = ['10', '11', 'dead'].map((end) => `${network.prefix6}:${end}`) as [
      string,
      string,
      string,
    ];
    const expected = { [first]: 'alive', [second]: 'alive', [absent]: 'silent' };
    assert.deepEqual(verdicts(await ask(icmpProbe, [first, second, absent])), expected);
    const known = await ask(arpProbe, [first, second]);
    assert.deepEqual([known.get(first)?.macs, known.get(second)?.macs], [[macs[0]], [macs[1]]]);
    assert.deepEqual(verdicts(await ask(tcpProbe, [first, absent], { ports: [80] })), {
      [first]: 'alive',
      [absent]: 'silent',
    });
  });

  it('two that answer for one address are found, and a host that moved by its new MAC', async () => {
    const [, , , , , doubled = '', moved = ''] = up;
    const other = network.addHost(doubled);
    network.removeAddress(moved, 7);
    const elsewhere = network.addHost(moved);
    const found = await ask(arpProbe, [doubled, moved], { attempts: 2 });
    assert.deepEqual(sorted(found.get(doubled)?.macs ?? []), sorted([macs[5] as string, other]));
    assert.deepEqual(found.get(moved)?.macs, [elsewhere]);
  });

  it('behind a cut link nobody is silent: nothing is known, until it is mended', async () => {
    const some = up.slice(0, 20);
    network.cut();
    try {
      for (const probe of [icmpProbe, tcpProbe, arpProbe]) {
        const found = await ask(probe, some, { ports: [80] });
        assert.deepEqual([...new Set(Object.values(verdicts(found)))], ['unknown'], probe.name);
        assert.match(found.get(some[0] as string)?.error ?? '', /link of .* is down|unreachable|no route/i);
      }
    } finally {
      network.mend();
    }
    const found = await ask(icmpProbe, some, { attempts: 5, timeoutMs: 500 });
    assert.deepEqual([...new Set(Object.values(verdicts(found)))], ['alive']);
  });

  describe('behind a router', () => {
    const block = [0, 1, 2, 3].flatMap((third) => hosts(`198.19.${third}`));

    before(async () => {
      network.putBehind(['198.19.1.0/28']);
      startThreads();
      while (readyThreads().length < mostThreads) await pause(5);
    });
    after(stopThreads);

    it('several threads tell those who answer from those who are silent, with no more sockets than they may have', async () => {
      let most = 0;
      const watch = setInterval(() => {
        most = Math.max(most, awaited());
      }, 100);
      try {
        const found = await ask(tcpProbe, block, { ports: [80, 443], attempts: 2, concurrency: 600 });
        assert.deepEqual(sorted(aliveOf(found)), sorted(hosts('198.19.1', 1, 15)));
        assert.ok([...found.values()].every(({ verdict }) => verdict !== 'unknown'));
      } finally {
        clearInterval(watch);
      }
      assert.ok(most > 300 && most <= 600, `${most} sockets`);
    });

    it('each has its time limit, also where the one before has used up all attempts', async () => {
      const found = await ask(tcpProbe, hosts('198.19.0', 1, 3), {
        ports: [80],
        attempts: 2,
        timeoutMs: 50,
        concurrency: 1,
      });
      assert.deepEqual(
        [...found.values()].map(({ verdict }) => verdict),
        ['silent', 'silent', 'silent'],
      );
    });

    it('cancelling closes the sockets of all threads', async () => {
      const end = new AbortController();
      const sweep = (async () => {
        for await (const _ of tcpProbe.probe(
          targets(block),
          options({ ports: [80], timeoutMs: 10_000, signal: end.signal }),
        ));
      })();
      while (awaited() < 200) await pause(10);
      const began = performance.now();
      end.abort(new Error('cancelled'));
      await assert.rejects(sweep, /cancelled/);
      while (awaited() > 0) await pause(10);
      assert.ok(performance.now() - began < 2000);
    });

    it('a silent /16 is asked twice, and nobody is unknown', async () => {
      const all = Array.from({ length: 256 }, (_, third) => hosts(`198.19.${third}`, 0, 255)).flat();
      const found = await ask(icmpProbe, all.slice(1, -1), { attempts: 2, timeoutMs: 1000 });
      const counts = Object.groupBy(found.values(), ({ verdict }) => verdict);
      assert.equal(counts.alive?.length, 16);
      assert.equal(counts.silent?.length, 65_518);
    });
  });
});
