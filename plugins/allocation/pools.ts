import {
  assignmentOf,
  commonAssigned,
  commonInserted,
  commonValues,
  invalidRequest,
  kernelErrors,
  type Page,
  type RunQuery,
  type Tx,
} from '#core';
import type { AddressRecord, SubnetRecord } from '#plugins/subnets';
import type { AddressAllocator, AllocationContext } from './addresses.ts';
import { poolFields, poolList } from './pool-list.ts';
import type { NewPool, PoolPatch, PoolRecord } from './pool-schemas.ts';
import type { SubnetWish, Wish } from './schemas.ts';
import type { Strategies } from './strategies.ts';
import type { SubnetAllocator } from './subnet-allocator.ts';

type Guard = (current: { version: number }) => void;

/** Pools: subnets that are asked one after the other. */
export interface PoolService {
  /** The list with what other plugins add to it. */
  readonly listing: typeof poolList;
  list(query: Record<string, unknown>): Promise<Page<PoolRecord>>;
  get(id: number): Promise<PoolRecord>;
  create(tx: Tx, input: NewPool): Promise<PoolRecord>;
  update(tx: Tx, id: number, patch: PoolPatch, guard: Guard): Promise<PoolRecord>;
  remove(tx: Tx, id: number, guard: Guard): Promise<void>;
  /** Grants wishes together or not at all, each whole from the first member that has room for it. */
  allocate(tx: Tx, id: number, wishes: readonly Wish[]): Promise<AddressRecord[]>;
  /** Hands out subnets, all of them from the first member that has room. */
  allocateSubnets(tx: Tx, id: number, wish: SubnetWish): Promise<SubnetRecord[]>;
}

const columns = {
  name: 'name',
  members: 'members',
  strategy: 'strategy',
  defaultPrefixLength: 'default_prefix_length',
  ...commonAssigned,
};
const selected = Object.entries(poolFields)
  .map(([name, sql]) => `${sql} AS "${name}"`)
  .join(', ');
const read = { name: 'read_pool', text: `SELECT ${selected} FROM pool p WHERE p.id = $1` };

/** Makes the service of pools. */
export function createPoolService(
  ctx: Pick<AllocationContext, 'db' | 'extensions'>,
  parts: { strategies: Strategies; addresses: AddressAllocator; subnets: SubnetAllocator },
): PoolService {
  const { db } = ctx;
  const { strategies, addresses, subnets } = parts;
  const list = poolList.extendedBy(ctx);

  async function readPool(query: RunQuery, id: number): Promise<PoolRecord> {
    const [pool] = await query<PoolRecord>(read, [id]);
    if (!pool) throw kernelErrors.notFound(`There is no pool ${id}.`);
    return pool;
  }

  async function locked(tx: Tx, id: number, guard: Guard): Promise<PoolRecord> {
    await tx.query('SELECT FROM pool WHERE id = $1 FOR UPDATE', [id]);
    const current = await readPool(tx.query, id);
    guard(current);
    return current;
  }

  /**
   * Holds subnets that become members, before the pool itself: whoever deletes a subnet comes to its pools last. Their usage rows
   * come first, in id order, as with everybody who deletes.
   */
  async function holdMembers(tx: Tx, ids: readonly number[] | undefined): Promise<void> {
    if (ids === undefined) return;
    await tx.query('SELECT lock_usage($1::bigint[])', [ids]);
    const rows = await tx.query<{ id: number }>(
      'SELECT id FROM subnet WHERE id = ANY ($1::bigint[]) ORDER BY id FOR KEY SHARE',
      [ids],
    );
    const found = new Set(rows.map(({ id }) => id));
    const errors = ids.flatMap((id, index) =>
      found.has(id)
        ? []
        : [{ path: `body.members.${index}`, code: 'not-found', message: `There is no subnet ${id}.` }],
    );
    if (errors.length > 0) throw invalidRequest(errors);
  }

  /** A pool's strategy, where it is one for this kind of allocation; where it is one for the other, the members' policies hold. */
  const strategyFor = (kind: keyof Strategies, { strategy }: PoolRecord) => {
    const other = kind === 'addresses' ? 'subnets' : 'addresses';
    const isForOther =
      strategy !== null && !strategies[kind].has(strategy) && strategies[other].has(strategy);
    return isForOther ? null : strategy;
  };

  return {
    listing: list,
    list: (query) => list.run(db.query, query),
    get: (id) => readPool(db.query, id),

    async create(tx, input) {
      await holdMembers(tx, input.members);
      const [row] = await tx.query<{ id: number }>(
        `INSERT INTO pool (name, members, strategy, default_prefix_length, ${commonInserted})
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
        [input.name, input.members, input.strategy, input.defaultPrefixLength, ...commonValues(input)],
      );
      return readPool(tx.query, (row as { id: number }).id);
    },

    async update(tx, id, patch, guard) {
      await holdMembers(tx, patch.members);
      const current = await locked(tx, id, guard);
      const { sql, values } = assignmentOf(patch, columns, 2);
      if (sql === '') return current;
      await tx.query(`UPDATE pool SET ${sql} WHERE id = $1`, [id, ...values]);
      return readPool(tx.query, id);
    },

    async remove(tx, id, guard) {
      await locked(tx, id, guard);
      await tx.query('DELETE FROM pool WHERE id = $1', [id]);
    },

    async allocate(tx, id, wishes) {
      const pool = await readPool(tx.query, id);
      const source = {
        subnetIds: pool.members,
        pool: pool.name,
        strategy: strategyFor('addresses', pool),
      };
      return addresses.allFrom(tx, source, wishes);
    },

    async allocateSubnets(tx, id, wish) {
      const pool = await readPool(tx.query, id);
      const { members, name, defaultPrefixLength } = pool;
      const source = { subnetIds: members, pool: name, strategy: strategyFor('subnets', pool) };
      return subnets.from(tx, source, {
        ...wish,
        prefixLength: wish.prefixLength ?? defaultPrefixLength ?? undefined,
      });
    },
  };
}
