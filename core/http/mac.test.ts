import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readMac } from './mac.ts';

describe('MAC addresses', () => {
  it('are read in every usual notation, and written in one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), fc.boolean(), (bytes, inCapitals) => {
        const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
        const bare = pairs.join('');
        const dotted = `${bare.slice(0, 4)}.${bare.slice(4, 8)}.${bare.slice(8)}`;
        for (const text of [bare, pairs.join(':'), pairs.join('-'), pairs.join(' '), dotted, ` ${bare} `]) {
          assert.deepEqual(readMac(inCapitals ? text.toUpperCase() : text), {
            ok: true,
            value: pairs.join(':'),
          });
        }
      }),
    );
  });

  for (const text of [
    '',
    '00:1a:2b:3c:4d',
    '00:1a:2b:3c:4d:5e:6f',
    '00:1a:2b:3c:4d:5g',
    '0'.repeat(200),
    ':'.repeat(12),
  ]) {
    it(`are not "${text.slice(0, 20)}"`, () => assert.equal(readMac(text).ok, false));
  }
});
