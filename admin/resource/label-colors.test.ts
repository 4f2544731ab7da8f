import assert from 'node:assert/strict';
import { definePlugin, labelColors } from '#core';
import { startTestPanel, type TestPanel } from '../testing/resources.ts';
import { circuits } from '../testing/throwaway.ts';

describe('labels in the panel', () => {
  let panel: TestPanel;
  const asked: (readonly string[])[] = [];
  /** As a plugin might that knows colours of labels, whatever records carry them. */
  const palette = definePlugin({
    name: 'palette',
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'Knows the colours of two labels.',
    setup(ctx) {
      ctx.extend(labelColors, async (labels) => {
        asked.push(labels);
        return new Map([
          ['core', '#1d5fa8'],
          ['lab', '#ffd84d'],
        ]);
      });
    },
  });

  before(async () => {
    panel = await startTestPanel([circuits, palette]);
    await panel.register.db.query(
      `INSERT INTO circuit (name, labels) VALUES ('a', '{core,free}'), ('b', '{lab,core}'), ('c', '{free}'), ('d', '{}')`,
    );
  });
  after(() => panel.register.stop());

  it('bring the colours that they have with the records, asked for once a page', async () => {
    const rows = await panel.list('Circuit', {});
    assert.deepEqual(
      rows.map(({ name, labels, $colors }) => [name, labels, $colors]),
      [
        ['a', 'core, free', '{"core":"#1d5fa8"}'],
        ['b', 'lab, core', '{"lab":"#ffd84d","core":"#1d5fa8"}'],
        ['c', 'free', undefined],
        ['d', '', undefined],
      ],
    );
    assert.deepEqual(
      asked.map((labels) => labels.toSorted()),
      [['core', 'free', 'lab']],
    );
  });

  it('bring them with one record, too, and no colour is ever written', async () => {
    const circuit = panel.resource('Circuit');
    const [a] = await panel.list('Circuit', { name: 'a' });
    const record = await circuit.findOne(String(a?.id), panel.as('engineer'));
    assert.equal(record?.params.$colors, '{"core":"#1d5fa8"}');
    await circuit.update(
      String(a?.id),
      { ...record?.params, $colors: '{"core":"#000000"}', name: 'A' },
      panel.as('engineer'),
    );
    const [after] = await panel.list('Circuit', { name: 'A' });
    assert.equal(after?.$colors, '{"core":"#1d5fa8"}');
  });
});
