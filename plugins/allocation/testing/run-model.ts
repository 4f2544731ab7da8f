import assert from 'node:assert/strict';
import pg from 'pg';
import { runOn } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from '../index.ts';
import { assertNoDrift, assertRolledUp } from './branches.ts';
import { blockOf } from './ip.ts';
import { Random } from './random.ts';
import { SpaceModel } from './space-model.ts';
import { compare, readRows } from './space-state.ts';
import { outcomeOf, Steps } from './space-steps.ts';

/** Where sequences play: in the middle of the address space, and at both of its ends. */
const blocks = {
  4: ['10.0.0.0/23', '0.0.0.0/25', '255.255.255.0/24'],
  6: ['2001:db8::/120', '::/121', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00/120'],
};

/** A register on which random sequences are played against the model. */
export class ModelRun {
  readonly #register: TestRegister;
  readonly #psql: pg.Client;
  readonly #vrfs: readonly number[];

  private constructor(register: TestRegister, psql: pg.Client, vrfs: readonly number[]) {
    this.#register = register;
    this.#psql = psql;
    this.#vrfs = vrfs;
  }

  static async start(): Promise<ModelRun> {
    const register = await startTestRegister([subnets, allocation], {
      env: { CADASTRE_ALLOCATION_COOLDOWN_SECONDS: '3600' },
    });
    const psql = new pg.Client({ connectionString: register.databaseUrl });
    await psql.connect();
    const { rows } = await psql.query(`WITH blue AS (INSERT INTO vrf (name) VALUES ('blue') RETURNING id)
      SELECT id FROM vrf UNION ALL SELECT id FROM blue`);
    return new ModelRun(
      register,
      psql,
      rows.map(({ id }) => Number(id)),
    );
  }

  async stop(): Promise<void> {
    await this.#psql.end();
    await this.#register.stop();
  }

  /** Plays one sequence on an empty register; throws with the seed and the last steps where the two part. */
  async play(seed: number, length: number): Promise<void> {
    const random = new Random(seed);
    await this.#psql.query('DELETE FROM address; DELETE FROM ip_range; DELETE FROM subnet');
    const stage = {
      vrfs: this.#vrfs,
      blocks: [blockOf(random.pick(blocks[4])), blockOf(random.pick(blocks[6]))],
    };
    const steps = new Steps(random, this.#register, this.#psql, stage);
    const told: string[] = [];
    let model = new SpaceModel();
    for (let nth = 0; nth < length; nth += 1) {
      const step = steps.next(model);
      const would = model.copy();
      told.push(step.name);
      try {
        const drawn = step.isDrawn ? await outcomeOf(step.register) : undefined;
        const wanted = await outcomeOf(() => step.model(would, drawn));
        const wasRefused = typeof wanted === 'string' && /^[a-z]+[-_]/.test(wanted);
        assert.deepEqual(step.isDrawn ? drawn : await outcomeOf(step.register), wanted, 'the answer');
        if (!wasRefused && !step.keepsNothing) model = would;
        steps.rows = await readRows(this.#register.db.query);
        compare(steps.rows, model);
        await assertNoDrift(this.#register.db.query);
        // Not after each, so that several changes meet in one fold.
        if (random.chance(0.4)) {
          await this.#register.runJob('subnets.rollup');
          await assertRolledUp(this.#register.db.query, model);
        }
        await this.#compareRebuilt(model);
      } catch (fault) {
        const last = told.slice(-8).join('\n  ');
        throw new Error(`SEED=${seed}, step ${nth + 1}:\n  ${last}\n${(fault as Error).message}`, {
          cause: fault,
        });
      }
    }
  }

  /** What a rebuild from the rows would make is the same. */
  async #compareRebuilt(model: SpaceModel): Promise<void> {
    await this.#register.db.withConnection(async (connection) => {
      await connection.query('BEGIN');
      try {
        await connection.query(`SELECT recount(array_agg(id)), rebuild_spans(array_agg(id)) FROM subnet`);
        compare(await readRows((text, values) => runOn(connection, text, values)), model);
      } finally {
        await connection.query('ROLLBACK');
      }
    });
  }
}
