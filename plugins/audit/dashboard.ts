import { dashboardCards, named, type PluginContext } from '#core';
import type { Entities } from './entities.ts';

const latest = named(
  'audit_latest',
  `SELECT id, at, actor, action, entity, entity_id AS "entityId", subject FROM audit_log ORDER BY at DESC, id DESC LIMIT 10`,
);

interface Line {
  at: string;
  actor: string;
  action: 'create' | 'update' | 'delete';
  entity: string;
  entityId: string;
  subject: string;
}

const deeds = { create: 'Created', update: 'Changed', delete: 'Deleted' } as const;

/** Puts the latest changes of all records on the panel's first page, for whoever may read the log. */
export function fillDashboard(
  { db, extend }: Pick<PluginContext<unknown, unknown, Record<never, never>, readonly []>, 'db' | 'extend'>,
  entities: Entities,
): void {
  extend(dashboardCards, {
    title: 'Recent changes',
    permission: 'audit:read',
    width: 'half',
    async load() {
      const lines = await db.query<Line>(latest);
      return {
        kind: 'table',
        columns: [
          { key: 'record', label: 'Record', as: 'network' },
          { key: 'kind', label: 'Kind' },
          { key: 'deed', label: 'What' },
          { key: 'who', label: 'By' },
          { key: 'at', label: 'When', as: 'time' },
        ],
        rows: lines.map(({ at, actor, action, entity, entityId, subject }) => {
          const model = entities().get(entity)?.model.name;
          const id = Number(entityId);
          return {
            ...(model && action !== 'delete' && Number.isInteger(id) ? { link: { model, id } } : {}),
            cells: { record: subject, kind: entity, deed: deeds[action], who: actor, at },
          };
        }),
        empty: 'Nothing has been changed yet. Create a subnet, then allocate or register addresses in it.',
      };
    },
  });
}
