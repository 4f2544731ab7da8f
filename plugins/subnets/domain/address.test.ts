import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import fc from 'fast-check';
import { formatIp, type Ip, readAnyIp, readIp } from './address.ts';

const v4 = fc.bigInt(0n, 0xffff_ffffn).map((value): Ip => ({ family: 4, value }));
const group = fc.oneof(fc.constant(0n), fc.bigInt(0n, 0xffffn));
const v6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups): Ip => ({ family: 6, value: groups.reduce((sum, each) => sum * 65_536n + each, 0n) }));
const isMapped = ({ family, value }: Ip) => family === 6 && value >> 32n === 0xffffn;

/** How Node's URL parser, which is another implementation, writes an address. */
const asUrlHas = (text: string) =>
  new URL(`http://${text.includes(':') ? `[${text}]` : text}/`).hostname.replace(/^\[|\]$/g, '');

describe('reading and writing addresses', () => {
  it('writes what it reads back, and what other software writes', () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6), (ip) => {
        const text = formatIp(ip);
        assert.equal(isIP(text), ip.family);
        assert.deepEqual(readAnyIp(text), { ok: true, value: ip });
        assert.equal(text, asUrlHas(text));
        assert.equal(readIp(text).ok, !isMapped(ip));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads every spelling of an IPv6 address', () => {
    fc.assert(
      fc.property(v6, fc.boolean(), fc.boolean(), (ip, inCapitals, withQuad) => {
        const groups = Array.from({ length: 8 }, (_, n) =>
          ((ip.value >> BigInt(112 - 16 * n)) & 0xffffn).toString(16),
        );
        const padded = groups.map((each) => each.padStart(4, '0'));
        const quad = formatIp({ family: 4, value: ip.value & 0xffff_ffffn });
        const text = withQuad ? [...padded.slice(0, 6), quad].join(':') : padded.join(':');
        assert.deepEqual(readAnyIp(inCapitals ? text.toUpperCase() : text), { ok: true, value: ip });
      }),
    );
  });

  it('agrees with Node on what is an address, for texts that nearly are', () => {
    const part = fc.constantFrom(
      '',
      '0',
      '1',
      'ff',
      'FFFF',
      '10000',
      ':',
      '::',
      '.',
      '1.2.3.4',
      '255',
      '256',
      'g',
      ' ',
      '-1',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), fc.constantFrom('', ':', '.'), (parts, glue) => {
        const text = parts.join(glue);
        const read = readAnyIp(text);
        assert.equal(read.ok, isIP(text) !== 0, text);
        if (read.ok) assert.equal(formatIp(read.value), asUrlHas(text));
      }),
      { numRuns: 20_000 },
    );
  });

  for (const [text, canonical] of [
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::1.2.3.4', '::102:304'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ] as const) {
    it(`writes ${text} as ${canonical} (RFC 5952)`, () => {
      const read = readIp(text);
      assert.ok(read.ok);
      assert.equal(formatIp(read.value), canonical);
    });
  }

  for (const [text, why] of [
    ['010.0.0.1', '"010.0.0.1" has leading zeros, which some read as octal; did you mean 10.0.0.1?'],
    ['10.1', '"10.1" is shorthand; write all four numbers, as in 10.0.0.1'],
    ['167772161', '"167772161" is shorthand; write all four numbers, as in 10.0.0.1'],
    ['1.2.3.4.5', /shorthand/],
    ['10.0.0.256', '"10.0.0.256" is not an IPv4 address: 256 is larger than 255'],
    ['0x10.0.0.1', /not an IP address/],
    ['::ffff:10.0.0.1', '"::ffff:10.0.0.1" is an IPv4 address mapped into IPv6; write 10.0.0.1'],
    ['::FFFF:a00:1', /write 10\.0\.0\.1/],
    ['fe80::1%eth0', /zone id/],
    ['10.0.0.1/32', /has a prefix length/],
    ['1::2::3', /not an IPv6 address/],
    ['1:2:3:4:5:6:7::8', /not an IPv6 address/],
    ['1:2:3:4:5:6:7:8::', /not an IPv6 address/],
    [':1', /not an IPv6 address/],
    ['1.2.3.4::', /not an IPv6 address/],
    ['::01.2.3.4', /not an IPv6 address/],
    ['１０.0.0.1', /not an IP address/],
    ['', /not an IP address/],
    ['1'.repeat(61), 'It is too long for an IP address'],
  ] as const) {
    it(`refuses "${text.slice(0, 20)}"`, () => {
      const read = readIp(text);
      if (typeof why === 'string') assert.deepEqual(read, { ok: false, why });
      else assert.match(read.ok ? 'it took it' : read.why, why);
    });
  }
});
