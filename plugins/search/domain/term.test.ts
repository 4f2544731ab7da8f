import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import fc from 'fast-check';
import { readTerm } from './term.ts';

const read = (typed: string) => readTerm(typed, isIP);

const byte = fc.integer({ min: 0, max: 255 });
const quad = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'));
const macDigits = fc
  .array(byte, { minLength: 6, maxLength: 6 })
  .map((bytes) => bytes.map((value) => value.toString(16).padStart(2, '0')).join(''));
/** Every way in which a MAC address is written. */
const notations = [
  (digits: string) => digits,
  (digits: string) => digits.match(/../g)?.join(':') ?? '',
  (digits: string) => digits.match(/../g)?.join('-') ?? '',
  (digits: string) => digits.match(/..../g)?.join('.') ?? '',
  (digits: string) => digits.match(/..../g)?.join(':') ?? '',
  (digits: string) => digits.match(/.{6}/g)?.join('-') ?? '',
];

describe('what a term can mean', () => {
  it('takes every address for one, and for no name', () => {
    fc.assert(
      fc.property(fc.oneof(quad, ipv6), (ip) => {
        const { address, isName } = read(`  ${ip.toUpperCase()} `);
        assert.deepEqual([address, isName], [ip, false]);
      }),
    );
  });

  it('takes every CIDR for a block, and for an address, too, where host bits are set', () => {
    fc.assert(
      fc.property(quad, fc.integer({ min: 0, max: 32 }), (ip, length) => {
        const value = ip.split('.').reduce((sum, each) => sum * 256n + BigInt(each), 0n);
        const hasHostBits = length === 32 || value % (1n << BigInt(32 - length)) !== 0n;
        const { address, block, isName } = read(`${ip}/${length}`);
        assert.deepEqual([address, block, isName], [hasHostBits ? ip : undefined, `${ip}/${length}`, false]);
      }),
    );
    assert.deepEqual(read('2001:db8::/32').address, undefined);
    assert.deepEqual(read('2001:DB8::9/64').address, '2001:db8::9');
    assert.deepEqual(read('64:ff9b::1.2.3.4/96').address, '64:ff9b::1.2.3.4');
    assert.deepEqual(read('::/0').address, undefined);
  });

  it('takes how an address begins for the block of what begins so', () => {
    for (const [typed, block] of [
      ['10.', '10.0.0.0/8'],
      ['10.20', '10.20.0.0/16'],
      ['10.20.30', '10.20.30.0/24'],
      ['10.20.30.', '10.20.30.0/24'],
      ['10.20.*', '10.20.0.0/16'],
      ['10.20.*.*', '10.20.0.0/16'],
      ['10/8', '10.0.0.0/8'],
      ['10.20/12', '10.20.0.0/12'],
      ['2001:', '2001::/16'],
      ['2001:db8', '2001:db8::/32'],
      ['2001:DB8:', '2001:db8::/32'],
      ['2001:db8::', '2001:db8::/32'],
    ] as const)
      assert.equal(read(typed).block, block, typed);
    for (const typed of [
      '10',
      '300.1',
      '10.020',
      '10.1.2.3.4',
      '10..1',
      '10.0.0.0/33',
      '::/129',
      'a/8',
      '/8',
      '10.1/',
    ])
      assert.equal(read(typed).block, undefined, typed);
  });

  it('takes a MAC address in every notation, and every beginning of one from two bytes on', () => {
    fc.assert(
      fc.property(macDigits, fc.constantFrom(...notations), fc.nat(12), (digits, write, cut) => {
        const whole = write(digits);
        assert.deepEqual(read(whole.toUpperCase()).macs, { first: digits, last: digits });
        const begun = whole.slice(0, Math.max(6, whole.length - cut));
        const { length } = begun.replaceAll(/[^0-9a-f]/g, '');
        const { macs } = read(begun);
        assert.equal(macs?.first, digits.slice(0, length).padEnd(12, '0'), begun);
        assert.equal(macs?.last, digits.slice(0, length).padEnd(12, 'f'), begun);
      }),
    );
    for (const typed of [
      '00:1',
      'abcde',
      '00:1b:21:',
      '0:1b:21',
      '00-1b:21',
      '001b21aabbccd',
      'web-01',
      'xx:yy:zz',
    ])
      assert.equal(read(typed).macs !== undefined, typed === '00:1b:21:', typed);
  });

  it('takes a number for one of something, where a slash says of what', () => {
    assert.deepEqual(read('core/east/120').number, { value: 120, within: 'core/east' });
    for (const typed of ['10.0.0.0/24', '10/8', '2001:db8::/32', '/120', 'core/12a'])
      assert.equal(read(typed).number, undefined, typed);
  });

  it('takes a number, and what it is said to be', () => {
    for (const [typed, value, of] of [
      ['120', 120, undefined],
      ['vlan 120', 120, 'vlan'],
      ['VLAN-120', 120, 'vlan'],
      ['vlan120', 120, 'vlan'],
      ['vid: 7', 7, 'vid'],
      ['VLAN group 3', 3, 'vlan-group'],
      ['0', 0, undefined],
    ] as const)
      assert.deepEqual(read(typed).number, { value, ...(of ? { of } : {}) }, typed);
    for (const typed of ['12345678901', '1.5', '-1', 'vlan', 'a1b2', '12a'])
      assert.equal(read(typed).number, undefined, typed);
  });

  it('takes the rest, and what may be several things, for a name as well', () => {
    for (const typed of [
      'web-01',
      '120',
      '10.20',
      '001b21',
      '64512:120',
      '100:1',
      'a',
      'Zürich',
      '1/2/3',
      'ge-0/0/1',
    ])
      assert.equal(read(typed).isName, true, typed);
    for (const typed of ['10.0.0.0/24', '10/8', '00:1b:21:aa:bb:cc', '::1'])
      assert.equal(read(typed).isName, false, typed);
    assert.deepEqual([read('tag: DMZ west').tag, read('tag: DMZ west').isName], ['DMZ west', false]);
    assert.equal(read('10.0.0.9').tag, undefined);
    assert.deepEqual(
      ['ab', 'a-b', 'ab-c', 'abc', 'ab cde', 'Zür', '12.34', '123'].map((typed) => read(typed).hasTrigram),
      [false, false, false, true, true, true, false, true],
    );
  });

  it('never throws, and makes of a term only what PostgreSQL can read', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[0-9a-f:./ -]{0,40}$/)),
        (typed) => {
          const { address, block, macs, number, text } = read(typed);
          assert.equal(text, text.trim());
          if (address !== undefined) assert.notEqual(isIP(address), 0, address);
          if (block !== undefined) {
            const [ip = '', length = ''] = block.split('/');
            assert.ok(Number(length) <= (isIP(ip) === 6 ? 128 : 32) && isIP(ip) > 0, block);
          }
          if (macs) assert.match(macs.first + macs.last, /^[0-9a-f]{24}$/);
          if (number) assert.ok(Number.isSafeInteger(number.value));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
