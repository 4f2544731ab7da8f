import assert from 'node:assert/strict';
import { z } from 'zod';
import { route } from '#core';
import { askedFields, askedValues } from './asked-field.ts';

const rebootRack = route({
  method: 'post',
  path: '/racks/{id}/reboot',
  summary: 'Reboot',
  permission: 'public',
  body: z.strictObject({
    note: z.string().max(2_000).nullish().meta({ description: 'For the log.' }),
    name: z.string().max(100).optional(),
    way: z.enum(['soft', 'hard']).optional(),
    units: z.array(z.int()).optional(),
    after: z.int().optional(),
  }),
  handler: async () => undefined,
});

describe('what a button asks for', () => {
  const fields = askedFields(rebootRack, ['note', 'name', 'way', 'units', 'after', 'nothing']);

  it('is as the schema of its route has it, and nothing that this does not know', () => {
    assert.deepEqual(
      fields.map(({ name, kind }) => `${name} ${kind}`),
      ['note long', 'name text', 'way choice', 'units list', 'after number'],
    );
    assert.deepEqual([fields[0]?.hint, fields[2]?.options], ['For the log.', ['soft', 'hard']]);
  });

  it('is sent as the route takes it; what is empty is not sent, and what is no number is left to the route', () => {
    const form = { note: ' ', way: 'hard', units: '1, 2', after: '5', version: '3' };
    assert.deepEqual(askedValues(fields, form), { way: 'hard', units: [1, 2], after: 5 });
    assert.deepEqual(askedValues(fields, { units: 'all', after: 'soon' }), { units: ['all'], after: 'soon' });
    assert.deepEqual(askedValues(fields, undefined), {});
    assert.deepEqual(askedValues(fields, { note: { toString: 'x' }, units: [1] }), {
      note: { toString: 'x' },
      units: [1],
    });
  });
});
