import assert from 'node:assert/strict';
import { z } from 'zod';
import { gathered, openFields, openSchema } from './open-filters.ts';

const load = async () => new Map();
const schema = openSchema({ field: 'custom', description: 'By what was added.', load });

describe('open filters in a query', () => {
  it('are put together, whichever way they are written, and nothing else is touched', () => {
    assert.deepEqual(
      gathered(
        { name: 'a', 'custom.b__ne': '1', 'custom[c]': ['2', '3'], 'customs.d': '4', 'custom.': '5' },
        'custom',
      ),
      {
        name: 'a',
        'customs.d': '4',
        custom: [
          ['b__ne', '1'],
          ['c', ['2', '3']],
          ['', '5'],
        ],
      },
    );
    const plain = { name: 'a', 'custom[b': '1' };
    assert.equal(gathered(plain, 'custom'), plain);
  });

  it('keep names that every object has', () => {
    const { custom } = gathered({ 'custom.__proto__': '1', 'custom.constructor': '2' }, 'custom');
    assert.deepEqual(custom, [
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  it('are refused without a name', () => {
    assert.equal(gathered({ custom: '1', 'custom.b': '2' }, 'custom').custom, '1');
    assert.equal(schema.safeParse('1').success, false);
  });

  it('are known by their schema, which a query keeps when it is extended', () => {
    const query = z.strictObject({ name: z.string().optional(), custom: schema });
    assert.deepEqual(openFields(query.extend({ dryRun: z.string().optional() })), ['custom']);
    assert.deepEqual(openFields(z.strictObject({ custom: z.string() })), []);
  });
});
