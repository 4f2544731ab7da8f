import assert from 'node:assert/strict';
import { rowMaker } from './rows.ts';

describe('a row', () => {
  it('becomes an object with its columns in their order', () => {
    const row = rowMaker(['id', 'name'])([1, null]);
    assert.deepEqual(row, { id: 1, name: null });
    assert.deepEqual(Object.keys(row as object), ['id', 'name']);
  });

  it('has an object of its own for columns with a dot, however deep', () => {
    const make = rowMaker(['id', 'usage.total', 'name', 'usage.used', 'a.b.c']);
    assert.deepEqual(make([1, 254, 'x', 7, true]), {
      id: 1,
      usage: { total: 254, used: 7 },
      name: 'x',
      a: { b: { c: true } },
    });
    assert.notEqual((make([]) as { usage: object }).usage, (make([]) as { usage: object }).usage);
  });

  it('takes a name for a name, whatever it looks like', () => {
    const odd = '"]; throw 1; //\n`\\';
    assert.deepEqual(rowMaker([odd])([5]), { [odd]: 5 });
  });
});
