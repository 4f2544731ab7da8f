import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatRuns, type Run, readRuns } from './runs.ts';

const run = fc
  .tuple(fc.nat({ max: 5000 }), fc.nat({ max: 50 }))
  .map(([start, more]): Run => ({ start, end: start + more }));

describe('runs of numbers', () => {
  it('are written as 100-199, 300', () => {
    const runs = [
      { start: 100, end: 199 },
      { start: 300, end: 300 },
    ];
    assert.equal(formatRuns(runs), '100-199, 300');
    assert.equal(formatRuns([]), '');
  });

  it('are read back as they were written, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(run), (runs) => {
        assert.deepEqual(readRuns(formatRuns(runs)), { ok: true, value: runs });
      }),
    );
  });

  it('are read with other blanks, dashes and empty parts, too', () => {
    const wanted = {
      ok: true,
      value: [
        { start: 1, end: 9 },
        { start: 20, end: 20 },
      ],
    };
    for (const text of ['1-9,20', ' 1 - 9 , 20 ', '1–9, 20,', ',1-9,,20'])
      assert.deepEqual(readRuns(text), wanted);
    assert.deepEqual(readRuns('  '), { ok: true, value: [] });
  });

  it('are refused with what is wrong and what would be right', () => {
    const whyNot = (text: string) => (readRuns(text) as { why?: string }).why;
    assert.equal(whyNot('200-100'), '"200-100" runs backwards; write 100-200.');
    for (const text of ['x', '1-', '-5', '1-2-3', '1.5', '1 2', '0x10'])
      assert.equal(whyNot(`7, ${text}`), `"${text}" is no run of numbers; write 100-199, 300.`);
  });
});
