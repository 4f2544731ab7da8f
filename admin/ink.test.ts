import assert from 'node:assert/strict';
import { contrast, inkOn } from './ink.ts';

describe('the ink on a coloured chip', () => {
  it('is read on every colour', () => {
    const steps = Array.from({ length: 18 }, (_, nth) => (nth * 15).toString(16).padStart(2, '0'));
    for (const r of steps)
      for (const g of steps)
        for (const b of steps) {
          const color = `#${r}${g}${b}`;
          assert.ok(contrast(inkOn(color), color) >= 4.5, color);
        }
  });

  it('is black on light colours and white on dark ones', () => {
    assert.deepEqual(['#ffffff', '#ffd84d', '#1d5fa8', '#000000'].map(inkOn), [
      '#000000',
      '#000000',
      '#ffffff',
      '#ffffff',
    ]);
  });
});
