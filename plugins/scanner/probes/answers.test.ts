import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pack, unpack } from './answers.ts';

describe('answers on their way between threads', () => {
  it('arrive as they were', () => {
    const answer = fc.oneof(
      fc.record({ error: fc.string() }),
      fc.constant({ state: 'silent' as const }),
      fc.record({
        state: fc.constantFrom('open' as const, 'refused' as const),
        rttMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
      }),
    );
    const answered = fc.integer({ min: 1, max: 4 }).chain((ports) =>
      fc.tuple(
        fc.constant(ports),
        fc.array(
          fc.record({
            nth: fc.integer({ min: 0, max: 1e6 }),
            answers: fc.array(answer, { minLength: ports, maxLength: ports }),
          }),
          { maxLength: 20 },
        ),
      ),
    );
    fc.assert(
      fc.property(answered, ([ports, list]) => {
        assert.deepEqual(JSON.stringify(unpack(pack(list, ports))), JSON.stringify(list));
      }),
    );
  });
});
