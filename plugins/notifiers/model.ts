import { DataTypes } from 'sequelize';
import { z } from 'zod';
import { field, labelFilters, resource } from '#core';
import { notifierErrors } from './errors.ts';

const names = z
  .array(z.string().trim().min(1).max(100))
  .min(1)
  .max(100)
  .refine((events) => new Set(events).size === events.length, 'An event is given twice');

/** Who is told of which events, and how. */
export const notifierResource = resource({
  entity: 'notifier',
  table: 'notifier',
  path: '/notifiers',
  tag: 'Notifiers',
  key: ['name'],
  permissions: { read: 'notifiers:read', write: 'notifiers:write' },
  fields: {
    name: field.text({ max: 100 }),
    kind: field.text({
      max: 40,
      description: 'How it tells: `webhook`, `email`; GET /notifier-kinds has all.',
    }),
    events: field.custom(
      {
        schema: z.array(z.string()),
        body: names,
        column: { type: DataTypes.ARRAY(DataTypes.TEXT) },
        filters: (_, sql) => labelFilters('event', sql),
      },
      { description: 'What it tells of; GET /notifiable-events has all.' },
    ),
    enabled: field.boolean({ default: true }),
    settings: field.custom(
      {
        schema: z.record(z.string(), z.json()),
        body: z.record(z.string().max(100), z.json()),
        column: { type: DataTypes.JSONB },
        write: JSON.stringify,
        isLong: true,
      },
      {
        description:
          'What its kind takes. Secret ones may be given here, too, and are never shown. A PATCH replaces all but those.',
      },
    ),
    secrets: field.custom(
      {
        schema: z.array(z.string()),
        body: z.record(z.string().max(100), z.string().max(4_000).nullable()),
        column: { type: DataTypes.JSONB },
        read: (alias) =>
          `coalesce((SELECT array_agg(s ORDER BY s) FROM jsonb_object_keys(${alias}.secrets) s), '{}')`,
        write: JSON.stringify,
        isLong: true,
      },
      {
        nullable: true,
        description:
          'Secret settings by name, which a body gives values to: those that are not named stay, and null takes one away. A record shows their names alone.',
      },
    ),
  },
  secret: ['secrets'],
  defaultSort: 'name',
  example: {
    name: 'Network operations',
    kind: 'webhook',
    events: ['address.expiring'],
    settings: { url: 'https://hooks.example.net/cadastre', secret: 'a long and random sentence' },
  },
  errors: { taken: notifierErrors.notifierTaken },
  search: { title: 'name', text: ['name'], notes: ['description'], tags: true },
  panel: {
    group: 'Notifications',
    icon: 'Bell',
    list: ['name', 'kind', 'events', 'enabled', 'description'],
  },
});
