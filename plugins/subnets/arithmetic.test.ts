import assert from 'node:assert/strict';
import fc from 'fast-check';
import { startTestRegister, type TestRegister } from '#core/testing';
import { bitsOf, formatIp } from './domain/address.ts';
import { blockAround, blockSize, formatBlock, lastOf, maximalBlocks, usableSpan } from './domain/block.ts';
import { subnets } from './index.ts';

const family = fc.constantFrom(4, 6) as fc.Arbitrary<4 | 6>;
const top = (of: 4 | 6) => (1n << BigInt(bitsOf(of))) - 1n;
/** Any address, and often one near an end of the address space or of a power of two. */
const value = (of: 4 | 6) => {
  const power = fc
    .tuple(fc.integer({ min: 0, max: bitsOf(of) }), fc.bigInt(-2n, 2n))
    .map(([bits, offset]) => (1n << BigInt(bits)) + offset);
  const small = fc.bigInt(0n, 3n);
  return fc
    .oneof(
      fc.bigInt(0n, top(of)),
      power,
      small,
      small.map((n) => top(of) - n),
    )
    .map((each) => (each < 0n ? 0n : each > top(of) ? top(of) : each));
};
const pair = family.chain((of) => fc.tuple(fc.constant(of), value(of), value(of)));
const block = family.chain((of) =>
  fc
    .tuple(value(of), fc.integer({ min: 0, max: bitsOf(of) }))
    .map(([at, length]) => blockAround({ family: of, value: at }, length)),
);

describe('arithmetic on addresses in SQL', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets]);
  });
  after(() => register.stop());

  /** Evaluates one SELECT over many inputs at once; the inputs are columns a, b and c of `t`. */
  async function evaluate(select: string, columns: string, inputs: readonly (readonly unknown[])[]) {
    return register.db.query(
      `SELECT ${select} FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (${columns}))
        WITH ORDINALITY AS t ORDER BY ordinality`,
      [JSON.stringify(inputs.map(([a, b, c]) => ({ a, b, c })))],
    );
  }
  const samples = <T>(of: fc.Arbitrary<T>) =>
    fc.sample(of, { numRuns: 1500, ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}) });

  it('knows an address as a number', async () => {
    const inputs = samples(pair);
    const rows = await evaluate(
      'ip_number(a)::text AS n, address_bits(a) AS bits',
      'a inet',
      inputs.map(([of, at]) => [formatIp({ family: of, value: at })]),
    );
    assert.deepEqual(
      rows,
      inputs.map(([of, at]) => ({ n: String(at), bits: bitsOf(of) })),
    );
  });

  it('measures spans, up to the whole address space', async () => {
    const inputs = samples(pair);
    const rows = await evaluate(
      `span_size(a, b)::text AS size, CASE WHEN a <= b THEN span_count(a, b, 1000) ELSE 0 END AS few,
        CASE WHEN a <= b THEN span_count(a, b, 1) ELSE 0 END AS one,
        ARRAY[span_holds(a, b, 1), span_holds(a, b, 2), span_holds(a, b, 1000)] AS holds`,
      'a inet, b inet',
      inputs.map(([of, a, b]) => [formatIp({ family: of, value: a }), formatIp({ family: of, value: b })]),
    );
    assert.deepEqual(
      rows,
      inputs.map(([, a, b]) => {
        const size = b < a ? 0n : b - a + 1n;
        return {
          size: String(size),
          few: Number(size > 1000n ? 1000n : size),
          one: Number(size > 1n ? 1n : size),
          holds: [1n, 2n, 1000n].map((n) => size >= n),
        };
      }),
    );
  });

  it('knows how large the largest aligned block inside a span is', async () => {
    const inputs = samples(pair).map(
      ([of, a, b]) => (a < b ? [of, a, b] : [of, b, a]) as [4 | 6, bigint, bigint],
    );
    const rows = await evaluate(
      'span_room(a, b) AS room',
      'a inet, b inet',
      inputs.map(([of, a, b]) => [formatIp({ family: of, value: a }), formatIp({ family: of, value: b })]),
    );
    assert.deepEqual(
      rows,
      inputs.map(([of, first, last]) => ({
        room: Math.min(...[...maximalBlocks({ family: of, first, last })].map(({ length }) => length)),
      })),
    );
  });

  it('knows the bounds of blocks, and of what may be handed out', async () => {
    const inputs = samples(block);
    // PostgreSQL writes some of IPv6 with a dotted quad at its end; so will we, for comparing.
    const text = (of: 4 | 6, at: bigint) => {
      const plain = formatIp({ family: of, value: at });
      return of === 6 && at >> 32n === 0xffffn
        ? `::ffff:${formatIp({ family: 4, value: at & 0xffff_ffffn })}`
        : plain;
    };
    const rows = await evaluate(
      `first_ip(a) AS first, last_ip(a) AS last, block_size(a)::text AS size,
       first_usable(a, false) AS "usableFirst", last_usable(a, false) AS "usableLast",
       first_usable(a, true) AS "allFirst", last_usable(a, true) AS "allLast",
       counted_first(a, 'active', false) AS "countedFirst", counted_last(a, 'container', false) AS "countedLast"`,
      'a inet',
      inputs.map((each) => [formatBlock(each)]),
    );
    assert.deepEqual(
      rows,
      inputs.map((each) => {
        const { family: of, first, length } = each;
        const [usable, all] = [usableSpan(each, false), usableSpan(each, true)];
        return {
          first: text(of, first),
          last: text(of, lastOf(each)),
          size: String(blockSize(of, length)),
          usableFirst: text(of, usable.first),
          usableLast: text(of, usable.last),
          allFirst: text(of, all.first),
          allLast: text(of, all.last),
          countedFirst: text(of, usable.first),
          countedLast: text(of, lastOf(each)),
        };
      }),
    );
  });

  it('counts how much of a block lies within the bounds of the one above', async () => {
    const inputs = samples(
      block.chain((outer) => {
        const { family: of, first, length } = outer;
        return fc
          .tuple(
            fc.constant(outer),
            fc.integer({ min: length, max: bitsOf(of) }),
            fc.constantFrom('first', 'last', 'any'),
            fc.bigInt(0n, top(of)),
          )
          .map(([, inner, where, any]) => {
            const at =
              where === 'first'
                ? first
                : where === 'last'
                  ? lastOf(outer)
                  : first + (any % blockSize(of, length));
            return [outer, blockAround({ family: of, value: at }, inner)] as const;
          });
      }),
    );
    const rows = await evaluate(
      'covered_size(b, first_usable(a, false), last_usable(a, false))::text AS usable, covered_size(b, first_ip(a), last_ip(a))::text AS all',
      'a inet, b inet',
      inputs.map(([outer, inner]) => [formatBlock(outer), formatBlock(inner)]),
    );
    assert.deepEqual(
      rows,
      inputs.map(([outer, inner]) => {
        const bounds = usableSpan(outer, false);
        const first = inner.first > bounds.first ? inner.first : bounds.first;
        const last = lastOf(inner) < bounds.last ? lastOf(inner) : bounds.last;
        return {
          usable: String(last < first ? 0n : last - first + 1n),
          all: String(blockSize(inner.family, inner.length)),
        };
      }),
    );
  });
});
