import {
  grantSources,
  invalidRequest,
  kernelErrors,
  type Page,
  type PluginContext,
  type Tx,
  tableRules,
} from '#core';
import { branchOf, type subnets } from '#plugins/subnets';
import type { users } from '#plugins/users';
import { grantList } from './listing.ts';
import * as sql from './queries.ts';
import { branchRule } from './rule.ts';
import type { GrantRecord, NewGrant } from './schemas.ts';

type Context = PluginContext<unknown, unknown, unknown, readonly [typeof users, typeof subnets]>;
type Branch = { role: 'admin' | 'engineer'; vrfId: number; vrf: string; cidr: string };

/** Roles on branches: who has which where. */
export interface GrantService {
  list(query: Record<string, unknown>): Promise<Page<GrantRecord>>;
  /** Throws 404. */
  get(id: number): Promise<GrantRecord>;
  /** Throws 422 where there is no such user or VRF, and 409 `grant-taken`. */
  give(tx: Tx, input: NewGrant): Promise<GrantRecord>;
  /** Throws 404, and what `guard` throws. */
  take(tx: Tx, id: number, guard: (current: { version: number }) => void): Promise<void>;
}

/** Makes the service, tells the kernel who may what on which branch, and keeps the rule that holds them to it. */
export function createGrantService(ctx: Context): GrantService {
  const { db, plugins } = ctx;
  ctx.extend(tableRules, branchRule);
  ctx.extend(grantSources, async (userId) => {
    const rows = await db.query<Branch>(sql.grantsOfUser, [userId]);
    return rows.map(({ role, ...branch }) => ({ role, branch: branchOf(branch) }));
  });

  return {
    list: (query) => grantList.run(db.query, query),
    get: async (id) => found(await db.query<GrantRecord>(sql.grantById, [id]), id),

    async give(tx, { userId, role, cidr, ...choice }) {
      const vrfId = await plugins.subnets.vrfs.chosen(tx, choice);
      const [user] = await tx.query('SELECT FROM app_user WHERE id = $1 FOR KEY SHARE', [userId]);
      if (!user) {
        const message = `There is no user ${userId}; GET /users lists them.`;
        throw invalidRequest([{ path: 'body.userId', code: 'not-found', message }]);
      }
      const [grant] = await tx.query<GrantRecord>(sql.insertGrant, [userId, role, vrfId, cidr]);
      return grant as GrantRecord;
    },

    async take(tx, id, guard) {
      guard(found(await tx.query<GrantRecord>(sql.lockGrant, [id]), id));
      await tx.query(sql.deleteGrant, [id]);
    },
  };
}

function found([grant]: readonly GrantRecord[], id: number): GrantRecord {
  if (!grant) throw kernelErrors.notFound(`There is no grant ${id}.`);
  return grant;
}
