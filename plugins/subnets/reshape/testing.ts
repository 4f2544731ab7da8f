import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '../index.ts';
import type { SubnetRecord } from '../records.ts';
import type { Reshaped } from './schemas.ts';

type Operation = 'split' | 'merge' | 'resize' | 'renumber';

/** A register with a few words for tests that reshape subnets. */
export class Space {
  readonly register: TestRegister;

  private constructor(register: TestRegister) {
    this.register = register;
  }

  static async start(): Promise<Space> {
    const register = await startTestRegister([subnets]);
    await register.db.query(`INSERT INTO vrf (name) VALUES ('blue')`);
    return new Space(register);
  }

  /** Takes everything out again. */
  async clear(): Promise<void> {
    await this.register.db.query('UPDATE subnet SET gateway = NULL WHERE gateway IS NOT NULL');
    for (const table of ['address', 'ip_range', 'subnet'])
      await this.register.db.query(`DELETE FROM ${table}`);
  }

  /** Makes a subnet, and answers its id. */
  async subnet(cidr: string, more: object = {}): Promise<number> {
    return this.#made('/subnets', { cidr, ...more });
  }

  async address(address: string, more: object = {}): Promise<number> {
    return this.#made('/addresses', { address, ...more });
  }

  /** A released address: its row stays. */
  async released(address: string): Promise<number> {
    const id = await this.address(address);
    await this.register.db.query(`UPDATE address SET status = 'free' WHERE id = $1`, [id]);
    return id;
  }

  async range(start: string, end: string): Promise<number> {
    return this.#made('/ranges', { start, end, purpose: 'reserved' });
  }

  async #made(path: string, body: object): Promise<number> {
    const answer = await this.register.as('engineer').post(path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  }

  /** Reshapes a subnet: a dry run first, which keeps nothing and says the same. */
  async reshape(id: number, operation: Operation, body: object): Promise<Reshaped> {
    const before = await this.#everything();
    const plan = await this.call(id, `${operation}?dryRun=true`, body);
    assert.equal(plan.status, 200, JSON.stringify(plan.body));
    assert.deepEqual(await this.#everything(), before, 'a dry run keeps nothing');
    const answer = await this.call(id, operation, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(comparable(plan.body), comparable(answer.body), 'a dry run says what will be');
    await this.#assertExact();
    return answer.body;
  }

  /** What a refusal says, as `409 code: detail`; nothing has changed by it. */
  async refusal(id: number, operation: Operation, body: object): Promise<string> {
    const before = await this.#everything();
    const { status, body: problem } = await this.call(id, operation, body);
    assert.deepEqual(await this.#everything(), before, 'a refusal keeps nothing');
    return `${status} ${String(problem.type).split(':').at(-1)}: ${problem.detail}`;
  }

  call(id: number, operation: string, body: object, headers: Record<string, string> = {}) {
    return this.register.as('engineer').post(`/subnets/${id}/${operation}`, body, headers);
  }

  async record(id: number): Promise<SubnetRecord> {
    return (await this.register.as('viewer').get(`/subnets/${id}`)).body;
  }

  /** The tree as text, one line a subnet: `cidr (parent) status: its addresses`. */
  async tree(vrfId = 1): Promise<string[]> {
    const rows = await this.register.db.query<{ line: string }>(
      `SELECT s.cidr || coalesce(' in ' || p.cidr, '') || coalesce(': ' || (
            SELECT string_agg(host(address), ' ' ORDER BY address) FROM address WHERE subnet_id = s.id), '') AS line
         FROM subnet s LEFT JOIN subnet p ON p.id = s.parent_id WHERE s.vrf_id = $1 ORDER BY s.cidr`,
      [vrfId],
    );
    return rows.map(({ line }) => line);
  }

  async #everything() {
    const { db } = this.register;
    return [
      await db.query('SELECT * FROM subnet ORDER BY id'),
      await db.query('SELECT * FROM address ORDER BY id'),
      await db.query('SELECT * FROM ip_range ORDER BY id'),
      await this.#derived(),
    ];
  }

  async #derived() {
    const { db } = this.register;
    return [
      await db.query(
        `SELECT to_jsonb(u) - 'free_from' - 'next_due' AS usage FROM subnet_usage u ORDER BY subnet_id`,
      ),
      await db.query('SELECT * FROM free_span ORDER BY subnet_id, end_ip'),
      await db.query(`SELECT id, parent_id FROM subnet ORDER BY id`),
      await db.query('SELECT id, subnet_id FROM address ORDER BY id'),
    ];
  }

  /** What is derived is what a rebuild from the rows gives. */
  async #assertExact(): Promise<void> {
    const { db } = this.register;
    const kept = await this.#derived();
    await db.query('SELECT recount(array_agg(id)), rebuild_spans(array_agg(id)) FROM subnet');
    assert.deepEqual(kept, await this.#derived());
    const wrong = await db.query(
      `SELECT cidr FROM subnet s WHERE parent_id IS DISTINCT FROM subnet_above(vrf_id, cidr)
       UNION ALL SELECT address FROM address WHERE subnet_id IS DISTINCT FROM longest_match(vrf_id, address)`,
    );
    assert.deepEqual(wrong, []);
  }
}

/** The answer without what a sequence and the clock give to new rows. */
function comparable({ subnets: all, ...plan }: Reshaped) {
  const created = new Set(plan.changes.filter(({ action }) => action === 'create').map(({ key }) => key));
  return {
    ...plan,
    subnets: all.map(({ createdAt, updatedAt, id, ...rest }) => ({
      ...rest,
      id: created.has(rest.cidr) ? 0 : id,
    })),
  };
}

/** The changes of a plan, one line each. */
export function lines({ changes }: Reshaped): string[] {
  return changes.map(({ action, entity, key, fields }) => {
    const what = Object.entries(fields ?? {}).map(([name, { from, to }]) => ` ${name} ${from} -> ${to}`);
    return `${action} ${entity} ${key}${what.join()}`;
  });
}
