import assert from 'node:assert/strict';
import { z } from 'zod';
import { Faults, nearNames } from './validate.ts';

function faultsOf(schema: z.ZodType, value: unknown): string[] {
  const faults = new Faults();
  faults.check('body', schema, value);
  return faults.errors.map(({ path, code, message }) => `${path} ${code} ${message}`);
}

describe('what is wrong with a request', () => {
  const item = z.strictObject({
    name: z.string(),
    kind: z.enum(['cat', 'dog']),
    owner: z.strictObject({ mail: z.email() }).optional(),
  });

  it('is nothing where all is well, and the value comes out parsed', () => {
    const faults = new Faults();
    assert.equal(faults.check('query', z.coerce.number(), '7'), 7);
    assert.equal(faults.problem(), undefined);
  });

  it('says required of what is missing, whatever its type', () => {
    assert.deepEqual(faultsOf(item, {}), [
      'body.name required It is missing (text).',
      'body.kind required It is missing (one of cat, dog).',
    ]);
  });

  it('names the path of what is inside', () => {
    assert.match(
      faultsOf(item, { name: 'x', kind: 'cat', owner: { mail: 'x' } }).join(),
      /^body\.owner\.mail invalid-format/,
    );
  });

  it('suggests near names for an unknown key, at its own level', () => {
    const [top, inner] = faultsOf(item, {
      name: 'x',
      kind: 'cat',
      onwer: 1,
      owner: { mail: 'a@b.example', mial: 1 },
    });
    assert.match(inner ?? '', /body\.onwer unknown-key .*did you mean "owner"\?/);
    assert.match(top ?? '', /body\.owner\.mial unknown-key .*did you mean "mail"\?/);
  });

  it('lists what is known where nothing is near', () => {
    assert.match(
      faultsOf(item, { name: 'x', kind: 'cat', zzzzzz: 1 })[0] ?? '',
      /known are name, kind, owner\.$/,
    );
    assert.match(faultsOf(z.strictObject({}), { x: 1 })[0] ?? '', /nothing is expected/);
  });

  it('names what a body of one of several forms may have', () => {
    const wish = z.strictObject({ count: z.int().optional(), address: z.string().optional() });
    const wishes = z.union([wish, z.array(wish)]);
    for (const body of [{ device: 1 }, [{ count: 1 }, { device: 1 }]]) {
      assert.match(faultsOf(wishes, body)[0] ?? '', /known are count, address\.$/);
    }
    assert.match(faultsOf(wishes, { cont: 1 })[0] ?? '', /did you mean "count"\?$/);
  });

  it('speaks of the branch of a union that was meant: one or a list of them', () => {
    const oneOrMany = z.union([item, z.array(item).max(2)]);
    assert.deepEqual(faultsOf(oneOrMany, { name: 'x' }), [
      'body.kind required It is missing (one of cat, dog).',
    ]);
    const many = faultsOf(oneOrMany, [
      { name: 'x', kind: 'cat' },
      { name: 7, kind: 'cow', nmae: 1 },
    ]);
    assert.deepEqual(
      many.map((fault) => fault.split(' ').slice(0, 2).join(' ')),
      ['body.1.name invalid-type', 'body.1.kind invalid-value', 'body.1.nmae unknown-key'],
    );
    assert.match(many[2] ?? '', /did you mean "name"/);
    assert.match(faultsOf(oneOrMany, [1, 2, 3]).join(), /too-big|invalid-type/);
  });

  it('says what any branch would take where none was meant', () => {
    assert.deepEqual(faultsOf(z.union([z.string(), z.number(), z.boolean(), z.null()]), ['b']), [
      'body invalid-union It has to be text, a number, true or false, or null, not a list.',
    ]);
    assert.deepEqual(faultsOf(z.union([z.literal('a'), z.literal(7)]), 'b'), [
      'body invalid-union "b" is not possible here; it takes a, or "b" is not possible here; it takes 7.',
    ]);
  });

  it('suggests names in the branch of a union that was meant', () => {
    const oneOrMany = z.union([item, z.array(item).max(2)]).optional();
    const known = { name: 'x', kind: 'cat' };
    assert.match(
      faultsOf(oneOrMany, { ...known, onwer: 1 })[0] ?? '',
      /body\.onwer .*did you mean "owner"\?/,
    );
    assert.match(faultsOf(oneOrMany, [known, { ...known, onwer: 1 }])[0] ?? '', /body\.1\.onwer .*"owner"\?/);
  });

  it('names the words of a closed list, also where a list of them is taken', () => {
    const kind = z.enum(['cat', 'dog']);
    assert.deepEqual(faultsOf(z.union([kind, z.array(kind)]), 'cow'), [
      'body invalid-value "cow" is not possible here; it takes cat, dog.',
    ]);
  });

  it('is told in words of the field, not of the language it is checked in', () => {
    for (const [schema, value, message] of [
      [z.int().min(1).max(10), '5', 'It has to be a number, not text.'],
      [z.int().min(1).max(10), 1.5, 'It has to be a whole number.'],
      [z.int().min(1).max(10), 0, 'It has to be at least 1.'],
      [z.int().min(1).max(10), 11, 'It has to be at most 10.'],
      [z.int().positive(), -1, 'It has to be more than 0.'],
      [z.number(), Number.POSITIVE_INFINITY, 'It has to be a number of moderate size.'],
      [z.string().min(1), '', 'It has to have at least 1 character.'],
      [z.string().max(2), 'abc', 'It has to have at most 2 characters.'],
      [z.string(), null, 'It has to be text, not null.'],
      [z.array(z.string()).min(1), [], 'It has to have at least 1 item.'],
      [z.array(z.string()), 'x', 'It has to be a list, not text.'],
      [z.strictObject({}), [], 'It has to be an object, not a list.'],
      [z.boolean(), 'yes', 'It has to be true or false, not text.'],
      [z.enum(['a', 'b']), 7, 'It has to be one of a, b.'],
      [z.iso.datetime(), 'soon', 'It has to be a moment with its time zone, as in 2026-11-24T12:00:00Z.'],
      [z.email(), 'x', 'It has to be an e-mail address.'],
      [z.string('A sentence of its own'), 7, 'A sentence of its own'],
    ] as const) {
      assert.equal(faultsOf(schema, value)[0]?.split(' ').slice(2).join(' '), message);
    }
  });

  it('has the code that a rule of our own gives it', () => {
    const even = z
      .number()
      .refine((n) => n % 2 === 0, { message: 'It must be even', params: { code: 'odd' } });
    assert.deepEqual(faultsOf(z.strictObject({ n: even }), { n: 3 }), ['body.n odd It must be even']);
  });

  it('looks through what a schema is wrapped in', () => {
    const wrapped = z
      .preprocess((value) => value, z.strictObject({ title: z.string() }).optional())
      .default({ title: '' });
    assert.match(faultsOf(wrapped, { title: 'x', titel: 1 })[0] ?? '', /did you mean "title"/);
  });

  it('survives any value, also where it is not what the schema walks', () => {
    for (const value of [
      null,
      undefined,
      7,
      'x',
      [],
      [[]],
      { owner: null },
      { owner: [] },
      { name: { a: 1 } },
    ]) {
      assert.ok(faultsOf(item, value).length > 0);
      assert.ok(
        faultsOf(z.union([item, z.array(item)]), value).length >=
          (Array.isArray(value) && value.length === 0 ? 0 : 1),
      );
    }
  });
});

describe('near names', () => {
  it('are at most three, nearest first', () => {
    assert.deepEqual(nearNames('titel', ['tile', 'title', 'titles', 'table', 'pages']), [
      'tile',
      'title',
      'titles',
    ]);
  });

  it('include what begins like it, and nothing far away', () => {
    assert.deepEqual(nearNames('desc', ['description', 'name']), ['description']);
    assert.deepEqual(nearNames('zzz', ['name']), []);
    assert.deepEqual(nearNames('q', ['id', 'rd']), []);
  });
});
