import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from '../index.ts';
import { assertExact } from './space-state.ts';

type Answered = { status: number; body: { type?: string } };

/** The status of an answer, and the code of its problem where it is one: `409 address-taken`. */
export function outcome({ status, body }: Answered): string {
  return `${status} ${body.type?.split(':').at(-1) ?? ''}`.trim();
}

/** Where an engineer asks a register over HTTP, in the fewest words. */
export interface Desk {
  readonly register: TestRegister;
  engineer(): ReturnType<TestRegister['as']>;
  /** Makes subnets; answers the id of the first. */
  make(cidr: string, ...more: (string | object)[]): Promise<number>;
  /** Registers an address; answers its id. */
  hold(address: string, more?: object): Promise<number>;
  ask(id: number, wish?: object, query?: string): ReturnType<ReturnType<TestRegister['as']>['post']>;
  /** The addresses handed out, blank-separated, or what became of the wish: `409 insufficient-space`. */
  take(id: number, wish?: object, query?: string): Promise<string>;
  /** The same for subnets. */
  blocks(id: number, wish: object, query?: string): Promise<string>;
  release(...addresses: string[]): Promise<void>;
  utilization(id: number): Promise<Record<string, number | string>>;
  /** Ends every cooldown, as time would. */
  letCoolDown(): Promise<void>;
  /** Throws where counters, spans or the tree are wrong; leaves an empty register. */
  clear(): Promise<void>;
}

/** Opens a desk at a fresh register, further plugins in it. */
export async function openDesk(
  options: Parameters<typeof startTestRegister>[1] = {},
  ...plugins: Parameters<typeof startTestRegister>[0]
): Promise<Desk> {
  const register = await startTestRegister([subnets, allocation, ...plugins], options);
  const { query } = register.db;
  const engineer = () => register.as('engineer');
  const made = async (path: string, body: object): Promise<number> => {
    const answer = await engineer().post(path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  const ask: Desk['ask'] = (id, wish = {}, more = '') =>
    engineer().post(`/subnets/${id}/allocations${more}`, wish);
  return {
    register,
    engineer,
    async make(cidr, ...more) {
      const options = more.filter((each) => typeof each === 'object');
      const id = await made('/subnets', Object.assign({ cidr }, ...options));
      for (const each of more) if (typeof each === 'string') await made('/subnets', { cidr: each });
      return id;
    },
    hold: (address, more) => made('/addresses', { address, ...more }),
    ask,
    async take(id, wish, more) {
      const { status, body } = await ask(id, wish, more);
      if (status >= 300) return outcome({ status, body });
      return body.addresses.map(({ address }: { address: string }) => address).join(' ');
    },
    async blocks(id, wish, more = '') {
      const { status, body } = await engineer().post(`/subnets/${id}/subnet-allocations${more}`, wish);
      if (status >= 300) return outcome({ status, body });
      return body.subnets.map(({ cidr }: { cidr: string }) => cidr).join(' ');
    },
    async release(...addresses) {
      const { status, body } = await engineer().post('/addresses/release', { addresses });
      assert.equal(status, 200, JSON.stringify(body));
    },
    utilization: async (id) => (await engineer().get(`/subnets/${id}`)).body.utilization,
    async letCoolDown() {
      await query(`WITH held AS (SELECT set_config('cadastre.space', 'held', true)),
        a AS (UPDATE address SET available_at = now() - interval '1 second' FROM held WHERE available_at IS NOT NULL),
        s AS (UPDATE free_span SET available_at = now() - interval '1 second' WHERE available_at IS NOT NULL)
        UPDATE subnet_usage SET next_due = now() - interval '1 second' WHERE next_due IS NOT NULL`);
    },
    async clear() {
      await assertExact(query);
      await query('UPDATE subnet SET gateway = NULL WHERE gateway IS NOT NULL');
      for (const table of ['idempotency_key', 'pool', 'ip_range', 'address', 'device', 'subnet'])
        await query(`DELETE FROM ${table}`);
      await query(`DELETE FROM vrf WHERE name <> 'global'`);
    },
  };
}
