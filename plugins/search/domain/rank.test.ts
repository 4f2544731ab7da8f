import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Candidate, compareCandidates, matches, matchOf, ranked, rankOf } from './rank.ts';

const candidate: fc.Arbitrary<Candidate> = fc.record({
  entity: fc.constantFrom('address', 'subnet', 'vlan'),
  id: fc.integer({ min: 1, max: 9 }),
  rank: fc.constantFrom(...matches).map(rankOf),
  key: fc.constantFrom('', 'a', 'b'),
  field: fc.constantFrom('name', 'address'),
});

describe('the order of what is found', () => {
  it('has each record once, by what matches best, and the best first', () => {
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 60 }), (candidates) => {
        const order = ranked(candidates);
        const names = order.map(({ entity, id }) => `${entity} ${id}`);
        assert.deepEqual(new Set(names).size, names.length);
        assert.equal(names.length, new Set(candidates.map(({ entity, id }) => `${entity} ${id}`)).size);
        for (const [at, one] of order.entries()) {
          const next = order[at + 1];
          if (next) assert.ok(compareCandidates(one, next) < 0);
          const same = candidates.filter(({ entity, id }) => entity === one.entity && id === one.id);
          assert.equal(one.rank, Math.min(...same.map(({ rank }) => rank)));
        }
      }),
    );
  });

  it('tells from a rank what kind of match it is of', () => {
    for (const match of matches) {
      assert.equal(matchOf(rankOf(match)), match);
      assert.equal(matchOf(rankOf(match) + 999), match);
    }
  });
});
