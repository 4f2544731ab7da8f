import type { z } from 'zod';
import { kernelErrors, type Page, type PluginContext, permissionFor, restorers } from '#core';
import { createBearers } from './bearers.ts';
import { fillDashboard } from './dashboard.ts';
import { createEntities, type Entity } from './entities.ts';
import { createHistory, type History } from './history.ts';
import { createLogLists, type LogLists } from './log-list.ts';
import { createReverts, type Reverts } from './revert/service.ts';
import type { auditEntry, wholeEntry } from './schemas.ts';
import { createColumnsOf } from './table-columns.ts';

/** What the plugin can do: read the log, tell the past of records, take changes back. */
export interface AuditApi {
  lists: LogLists;
  log: {
    list(query: Record<string, unknown>): Promise<Page<z.input<typeof auditEntry>>>;
    /** 404 where there is no such line. */
    get(id: number): Promise<z.input<typeof wholeEntry>>;
  };
  history: History;
  reverts: Reverts;
  /** The permission to read the records of an entity; undefined: admins alone may. */
  readPermission(entity: Entity): string | undefined;
}

/** Puts the plugin together. */
export function createAuditApi(
  ctx: Pick<
    PluginContext<unknown, unknown, Record<never, never>, readonly []>,
    'db' | 'registry' | 'extend' | 'extensions'
  >,
): AuditApi {
  const { query } = ctx.db;
  const entities = createEntities(ctx.registry);
  const columnsOf = createColumnsOf(query);
  const lists = createLogLists(entities);
  fillDashboard(ctx, entities);
  return {
    lists,
    log: {
      list: (parameters) => lists.log.run(query, parameters),
      async get(id) {
        const { items } = await lists.life.run(
          query,
          { limit: 1 },
          (bindings) => `l.id = ${bindings.bind(id, 'bigint')}`,
        );
        const [line] = items;
        if (!line) throw kernelErrors.notFound(`There is no line ${id} in the audit log.`);
        return line;
      },
    },
    history: createHistory(query, entities, createBearers(query, entities, columnsOf), lists),
    reverts: createReverts({
      entities,
      columnsOf,
      registry: ctx.registry,
      restorers: () => ctx.extensions(restorers),
    }),
    readPermission: (entity) => permissionFor(entity.model, 'read', ctx.registry()),
  };
}
