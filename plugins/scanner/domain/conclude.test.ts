import assert from 'node:assert/strict';
import { conclude, isSameHost, type Recorded, type Seen, stateAfter } from './conclude.ts';
import { gather, merged } from './findings.ts';
import { isSuspect, isUnreachable } from './reach.ts';

const recorded = (facts: Partial<Recorded> = {}): Recorded => {
  return { status: 'assigned', role: null, hostname: null, macs: [], ...facts };
};
const seen = (facts: Partial<Seen> = {}): Seen => {
  return { outcome: 'seen', macs: [], ptr: null, openPorts: [], rttMs: null, error: null, ...facts };
};

describe('what a scan concludes of one address', () => {
  const table: [string, Recorded, Seen, ReturnType<typeof conclude>][] = [
    ['answers with the MAC it has', recorded({ macs: ['a'] }), seen({ macs: ['a'] }), undefined],
    ['answers, and nothing contradicts', recorded(), seen({ macs: ['a'], ptr: 'x.example' }), undefined],
    ['answers beyond a router, so that no MAC is known', recorded({ macs: ['a'] }), seen(), undefined],
    ['answers with another MAC', recorded({ macs: ['a'] }), seen({ macs: ['b'] }), 'mac-mismatch'],
    ['has one of its device’s MACs', recorded({ macs: ['a', 'b'] }), seen({ macs: ['b'] }), undefined],
    [
      'is a vip that another device answers for',
      recorded({ role: 'vip', macs: ['a'] }),
      seen({ macs: ['b'] }),
      undefined,
    ],
    [
      'is called otherwise',
      recorded({ hostname: 'a.example' }),
      seen({ ptr: 'b.example' }),
      'hostname-mismatch',
    ],
    [
      'is called so, but for case and dot',
      recorded({ hostname: 'A.example' }),
      seen({ ptr: 'a.Example.' }),
      undefined,
    ],
    ['is called so, without the domain', recorded({ hostname: 'a' }), seen({ ptr: 'a.example' }), undefined],
    ['answers with two MACs', recorded({ macs: ['a'] }), seen({ macs: ['a', 'b'] }), 'duplicate-address'],
    [
      'has no row, and two MACs',
      recorded({ status: undefined }),
      seen({ macs: ['a', 'b'] }),
      'duplicate-address',
    ],
    ['answers, and has no row', recorded({ status: undefined }), seen({ macs: ['a'] }), 'unregistered'],
    ['answers, and is free', recorded({ status: 'free' }), seen(), 'unregistered'],
    [
      'is silent, whatever it has',
      recorded({ macs: ['a'] }),
      seen({ outcome: 'missed', macs: ['b'] }),
      undefined,
    ],
    ['is unknown', recorded({ status: undefined }), seen({ outcome: 'unknown' }), undefined],
  ];
  for (const [name, register, network, conclusion] of table) {
    it(`that ${name}: ${conclusion ?? 'nothing'}`, () => {
      assert.equal(conclude(register, network), conclusion);
    });
  }

  it('does not take two domains for one', () => {
    assert.equal(isSameHost('web.a.example', 'web.b.example'), false);
  });
});

describe('how an address stands over scans', () => {
  const standing = (...looks: Seen['outcome'][]) =>
    looks.reduce<ReturnType<typeof stateAfter> | undefined>(
      (before, look) => stateAfter(before, look, 3),
      undefined,
    );

  it('is silent after as many misses in a row as it takes, and up with the first answer', () => {
    assert.deepEqual(standing('seen', 'missed', 'missed'), { state: 'up', misses: 2 });
    assert.deepEqual(standing('seen', 'missed', 'missed', 'missed'), { state: 'silent', misses: 3 });
    assert.deepEqual(standing('missed', 'missed', 'missed', 'seen'), { state: 'up', misses: 0 });
  });

  it('is unknown where nobody could tell, and that counts as no miss', () => {
    assert.deepEqual(standing('seen', 'missed', 'unknown'), { state: 'unknown', misses: 1 });
    assert.deepEqual(standing('seen', 'missed', 'unknown', 'missed'), { state: 'unknown', misses: 2 });
    assert.deepEqual(standing('missed'), { state: 'unknown', misses: 1 });
  });
});

describe('a subnet in which nobody answers', () => {
  const up = { state: 'up', wasSeen: true } as const;
  const missed = { outcome: 'missed', before: up } as const;

  it('is suspect where somebody was up, and unreachable where its canary is silent, too', () => {
    assert.equal(isSuspect([missed, { outcome: 'missed', before: undefined }]), true);
    assert.equal(isUnreachable([missed], { wasSeen: true, answers: false }), true);
    assert.equal(isUnreachable([missed], { wasSeen: true, answers: true }), false);
    assert.equal(isSuspect([{ outcome: 'missed', before: { state: 'silent', wasSeen: true } }]), false);
    assert.equal(isSuspect([missed, { outcome: 'seen', before: up }]), false);
  });

  it('without a canary that is known to answer, where several fell silent at once', () => {
    assert.equal(isUnreachable([missed], undefined), false);
    assert.equal(isUnreachable([missed, missed], undefined), true);
  });
});

describe('the answers of several probes', () => {
  const together = (
    ...answers: [probe: string, verdict: 'alive' | 'silent' | 'unknown', more?: object][]
  ) => {
    const findings = new Map([['10.0.0.1', []]]);
    for (const [probe, verdict, more] of answers)
      gather(findings, { address: '10.0.0.1', probe, verdict, ...more });
    return merged(findings.get('10.0.0.1'));
  };

  it('say that somebody is there where one does', () => {
    assert.equal(together(['icmp', 'silent'], ['tcp', 'alive']).outcome, 'seen');
    assert.equal(together(['icmp', 'silent'], ['arp', 'alive', { macs: ['a'] }]).outcome, 'seen');
  });

  it('say nothing where one could not ask, or none did', () => {
    assert.equal(together(['icmp', 'unknown', { error: 'no route' }], ['tcp', 'silent']).outcome, 'unknown');
    assert.equal(together(['icmp', 'unknown', { error: 'no route' }]).error, 'no route');
    assert.equal(together(['arp', 'silent']).outcome, 'unknown');
  });

  it('say that nobody is there where all were asked, whatever name there is', () => {
    assert.equal(
      together(['icmp', 'silent'], ['arp', 'unknown'], ['dns', 'alive', { ptr: 'x' }]).outcome,
      'missed',
    );
  });

  it('are put together: MACs once each, open ports in order, the shortest way, a name that leads back', () => {
    const ports = [443, 80].map((port) => ({ port, state: 'open' }));
    const all = together(
      ['icmp', 'alive', { rttMs: 3 }],
      ['tcp', 'alive', { rttMs: 2, ports: [...ports, { port: 22, state: 'refused' }] }],
      ['arp', 'alive', { macs: ['a', 'a', 'b'] }],
      ['dns', 'alive', { ptr: 'x.example', confirmed: false }],
    );
    assert.deepEqual(all, {
      ...{ outcome: 'seen', macs: ['a', 'b'], ptr: null, openPorts: [80, 443], rttMs: 2, error: null },
    });
  });

  it('drop what nobody asked about', () => {
    const findings = new Map();
    gather(findings, { address: '10.0.0.9', probe: 'icmp', verdict: 'alive' });
    assert.equal(findings.size, 0);
  });
});
