import { DataTypes } from 'sequelize';
import { z } from 'zod';
import { defineErrors } from '../../errors/problem.ts';
import { definePlugin } from '../../plugin/define.ts';
import { field } from '../fields.ts';
import { resource } from '../resource.ts';

const museumErrors = defineErrors({
  hallTaken: { code: 'hall-taken', status: 409, title: 'There is a hall of this name' },
  hallInUse: { code: 'hall-in-use', status: 409, title: 'The hall has exhibits' },
  tooHeavy: { code: 'too-heavy', status: 409, title: 'The floor would not hold it' },
});

const permissions = { read: 'museum:read', write: 'museum:write' } as const;

export const halls = resource({
  entity: 'hall',
  table: 'hall',
  path: '/halls',
  tag: 'Museum',
  key: ['name'],
  permissions,
  fields: { name: field.text({ max: 40 }), floor: field.integer({ nullable: true, min: -2, max: 9 }) },
  defaultSort: 'name',
  mention: ['name', 'floor'],
  example: { name: 'East', floor: 1 },
  errors: { taken: museumErrors.hallTaken, inUse: museumErrors.hallInUse },
});

const sizes = z.array(z.number());
const sensor = z
  .string()
  .regex(/^[0-9a-f:.-]+$/i, 'That is no MAC address')
  .transform((text) => text.toLowerCase());

/** Every kind of field. */
export const exhibits = resource({
  entity: 'exhibit',
  table: 'exhibit',
  path: '/exhibits',
  tag: 'Museum',
  key: ['hallId', 'title'],
  permissions,
  fields: {
    title: field.text(),
    hallId: field.reference(halls),
    pairId: field.reference('self', { nullable: true }),
    kind: field.choice(['painting', 'sculpture'], { default: 'painting' }),
    pieces: field.integer({ default: 1, min: 1 }),
    kilograms: field.number({ nullable: true, min: 0 }),
    onShow: field.boolean(),
    acquiredAt: field.time({ nullable: true }),
    sensor: field.typed('macaddr', sensor, { nullable: true }),
    sizes: field.custom(
      {
        schema: sizes,
        body: sizes,
        column: { type: DataTypes.JSONB },
        write: JSON.stringify,
        isLong: true,
      },
      { default: [] },
    ),
    slug: field.text({ derived: true }),
    pairs: field.computed(z.int(), (r) => `(SELECT count(*) FROM exhibit p WHERE p.pair_id = ${r}.id)`),
  },
  defaultSort: 'title',
  example: { title: 'The Scream', hall: 'East', onShow: true },
  panel: { icon: 'Image', labels: { hallId: 'Where' } },
});

/** What the hooks saw, of the test's own making. */
export const seen: string[] = [];

/** A plugin of two resources, with a rule of its own. */
export const museum = definePlugin({
  name: 'museum',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Shows what a resource is made of.',
  models: { Hall: halls.model, Exhibit: exhibits.model },
  migrations: new URL('./migrations/', import.meta.url),
  permissions: {
    'museum:read': { label: 'See exhibits', roles: ['admin', 'engineer', 'auditor', 'viewer'] },
    'museum:write': { label: 'Write exhibits', roles: ['admin', 'engineer'] },
  },
  events: { 'exhibit.written': z.object({ id: z.int(), deed: z.string(), was: z.string().optional() }) },
  errors: museumErrors,
  constraints: { ...halls.constraints, ...exhibits.constraints },
  admin: { Hall: halls.view, Exhibit: exhibits.view },
  setup(ctx) {
    ctx.on('exhibit.written', async (_tx, { deed, was }) => {
      seen.push(was === undefined ? deed : `${deed} ${was}`);
    });
    return {
      halls: halls.service(ctx),
      exhibits: exhibits.service(ctx, {
        async beforeCreate(_tx, values) {
          if ((values.kilograms ?? 0) > 1000)
            throw museumErrors.tooHeavy(`${values.title} weighs more than a ton.`);
          return { ...values, pieces: values.kind === 'sculpture' ? 1 : values.pieces };
        },
        async beforeUpdate(_tx, current, changes) {
          return changes.kind === 'sculpture' && current.pieces > 1 ? { ...changes, pieces: 1 } : undefined;
        },
        async beforeRemove(_tx, { title }) {
          seen.push(`goodbye ${title}`);
        },
        afterWrite: (tx, written) =>
          ctx.emit(tx, 'exhibit.written', {
            id: written.record.id,
            deed: written.deed,
            ...(written.deed === 'updated' ? { was: written.before.title } : {}),
          }),
      }),
    };
  },
  routes: (api) => [
    ...halls.routes(api.halls, { remove: { description: 'Empty ones only.' } }),
    ...exhibits.routes(api.exhibits, { create: { throws: [museumErrors.tooHeavy] } }),
  ],
});
