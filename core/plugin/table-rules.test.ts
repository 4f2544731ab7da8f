import assert from 'node:assert/strict';
import { DataTypes, Model } from 'sequelize';
import { defineModel, type TableTrigger, tableRules } from '../index.ts';
import { fatesIn, Hosts, pluginOf } from '../testing/hosts.ts';

class Kettle extends Model {}

const kettle = defineModel(Kettle, {
  table: 'kettle',
  columns: { id: { type: DataTypes.BIGINT, primaryKey: true }, litres: DataTypes.INTEGER } as never,
});
const absent = defineModel(class Absent extends Model {}, {
  table: 'not_there',
  columns: { id: { type: DataTypes.BIGINT, primaryKey: true } } as never,
});
const kettles = pluginOf('kettles', { models: { Kettle: kettle, Absent: absent } });

/** A plugin that keeps one trigger on each table. */
const keeper = (name: string, trigger: Partial<TableTrigger> = {}) =>
  pluginOf(name, {
    setup: (ctx: { extend(point: unknown, rule: unknown): void }) =>
      ctx.extend(tableRules, () => [
        {
          name: 'small_only',
          moment: 'BEFORE INSERT',
          each: 'FOR EACH ROW',
          runs: { body: 'BEGIN NEW.litres := least(NEW.litres, 3); RETURN NEW; END' },
          ...trigger,
        },
      ]),
  });

describe('rules of tables', () => {
  const hosts = new Hosts();
  const { boot } = hosts;

  before(hosts.open);
  after(hosts.close);
  beforeEach(() =>
    hosts.db.query('DROP TABLE IF EXISTS kettle; CREATE TABLE kettle (id bigint, litres int)'),
  );

  async function boiled(): Promise<number> {
    const [row] = await hosts.db.query<{ litres: number }>(
      'INSERT INTO kettle (litres) VALUES (5) RETURNING litres',
    );
    return row?.litres ?? 0;
  }
  const triggers = () =>
    hosts.db.query<{ oid: number; name: string }>(
      `SELECT oid, tgname AS name FROM pg_trigger WHERE tgrelid = 'kettle'::regclass ORDER BY 2`,
    );

  it('stand on every registered table that is there, and stay as they are at the next start', async () => {
    await boot([kettles, keeper('small')]);
    assert.equal(await boiled(), 3);
    const before = await triggers();
    await boot([kettles, keeper('small')]);
    assert.deepEqual(await triggers(), before);
  });

  it('are put right where they were changed, switched off or taken away', async () => {
    await boot([kettles, keeper('small')]);
    for (const harm of [
      'ALTER TABLE kettle DISABLE TRIGGER small_only',
      'DROP TRIGGER small_only ON kettle; DROP FUNCTION small_only_on_kettle',
      `CREATE OR REPLACE FUNCTION small_only_on_kettle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
    ]) {
      await hosts.db.query(harm);
      assert.equal(await boiled(), 5, harm);
      await assert.rejects(
        boot([kettles, keeper('small')], [], { migrate: 'off' }),
        /small_only on kettle.*MIGRATE=off: run "cadastre migrate"/,
      );
      await boot([kettles, keeper('small')]);
      assert.equal(await boiled(), 3, harm);
    }
    await boot([kettles, keeper('small')], [], { migrate: 'off' });
  });

  it('go with the plugin that brought them, and leave nothing behind', async () => {
    await boot([kettles, keeper('small')]);
    await boot([kettles]);
    assert.deepEqual(await triggers(), []);
    const functions = await hosts.db.query("SELECT FROM pg_proc WHERE proname = 'small_only_on_kettle'");
    assert.equal(functions.length, 0);
  });

  it('stay where their plugin, or that of the table, is there but cannot start', async () => {
    const fails = {
      setup: () => {
        throw new Error('no luck');
      },
    };
    await boot([kettles], [keeper('small')]);
    await boot([kettles], [pluginOf('small', fails)]);
    assert.equal(await boiled(), 3);
    await boot([keeper('small')], [pluginOf('kettles', fails)]);
    assert.equal(await boiled(), 3);
  });

  it('may run a function of a migration', async () => {
    await hosts.db.query(
      `CREATE OR REPLACE FUNCTION pour() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.litres := TG_ARGV[0]; RETURN NEW; END'`,
    );
    await boot([kettles, keeper('small', { runs: { call: "pour('7')" } })]);
    assert.equal(await boiled(), 7);
    await boot([kettles]);
    assert.equal((await hosts.db.query("SELECT FROM pg_proc WHERE proname = 'pour'")).length, 1);
  });

  it('do not take each other away, nor a trigger of the table itself', async () => {
    await assert.rejects(
      boot([kettles, keeper('small'), keeper('tiny')]),
      /"small_only" on the table kettle is claimed by both small and tiny/,
    );
    await hosts.db.query(
      `CREATE TRIGGER small_only BEFORE UPDATE ON kettle FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    );
    await assert.rejects(boot([kettles, keeper('small')]), /"small_only".*already exists/);
  });

  it('are their own plugin’s fault where they cannot be put up', async () => {
    const host = await boot([kettles], [keeper('small', { runs: { call: 'nowhere()' } })]);
    assert.match(fatesIn(host).small ?? '', /failed: table rules: .*nowhere/);
    assert.equal(fatesIn(host).kettles, 'running');
  });
});
