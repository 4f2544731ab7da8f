import { createHash } from 'node:crypto';
import { named, type RunQuery } from './database.ts';

/** A trigger that a plugin keeps on a table of any plugin. */
export interface TableTrigger {
  /** Its name on the table. Of triggers of one moment, PostgreSQL fires those first whose names come first. */
  name: string;
  /** `AFTER INSERT`, `BEFORE TRUNCATE`. */
  moment: string;
  /** What stands behind the table: `REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT`, with a WHEN or without. */
  each: string;
  /** What it runs: a function of a migration, `guard_place('vrf_id')`, or the body of one in plpgsql that is made for this table alone, with `SET` clauses or without. */
  runs: { call: string } | { body: string; settings?: string };
}

/** A trigger with the table it belongs on and the plugin that keeps it there. */
export interface OwnedTrigger extends TableTrigger {
  table: string;
  owner: string;
}

interface Standing {
  table: string;
  name: string;
  owner: string;
  function: string;
  source: string;
  note: string;
  fires: boolean;
}

// The note on a trigger says whose it is and what it was made of, so there is no second book to keep.
const noteStart = 'Kept by the plugin ';
const noteOf = (trigger: OwnedTrigger) => {
  const { owner, table, ...rest } = trigger;
  const hash = createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 32);
  return `${noteStart}${owner}: ${hash}`;
};

const standingTriggers = named(
  'standing_triggers',
  `SELECT c.relname AS "table", t.tgname AS name, p.proname AS function, p.prosrc AS source, d.description AS note,
          split_part(substr(d.description, ${noteStart.length + 1}), ':', 1) AS owner, t.tgenabled <> 'D' AS fires
     FROM pg_description d
     JOIN pg_trigger t ON t.oid = d.objoid
     JOIN pg_class c ON c.oid = t.tgrelid
     JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE d.classoid = 'pg_trigger'::regclass AND c.relnamespace = current_schema()::regnamespace
      AND d.description LIKE '${noteStart}%'`,
);

const tablesThere = named(
  'tables_there',
  `SELECT name FROM unnest($1::text[]) name WHERE to_regclass(quote_ident(name)) IS NOT NULL`,
);

/** What is not as it should be: triggers to take away, and those to put on their tables after that. */
export interface TriggerDrift {
  stale: readonly { table: string; name: string; owner: string; function: string }[];
  missing: readonly OwnedTrigger[];
}

/** Who keeps triggers where, for telling what is left over. */
export interface TriggerOwners {
  /** Every plugin that is configured, running or not; what another has left behind goes. */
  known: ReadonlySet<string>;
  /** Those that have said what they want on `tables`; what else they have there goes. */
  running: ReadonlySet<string>;
  tables: ReadonlySet<string>;
}

/** Compares what is wanted with what stands on the tables. A table that does not exist wants nothing. */
export async function triggerDrift(
  query: RunQuery,
  wanted: readonly OwnedTrigger[],
  { known, running, tables }: TriggerOwners,
): Promise<TriggerDrift> {
  const standing = await query<Standing>(standingTriggers);
  const there = new Set((await query<{ name: string }>(tablesThere, [[...tables]])).map(({ name }) => name));
  const wants = wanted.filter(({ table }) => there.has(table));
  const isAsWanted = (trigger: OwnedTrigger, { fires, note, source }: Standing) =>
    fires && note === noteOf(trigger) && ('call' in trigger.runs || source === trigger.runs.body);
  const wantedAs = (at: Standing) => wants.find(({ table, name }) => table === at.table && name === at.name);
  const stale = standing.filter((each) => {
    const trigger = wantedAs(each);
    if (trigger) return !isAsWanted(trigger, each);
    return !known.has(each.owner) || (running.has(each.owner) && tables.has(each.table));
  });
  const kept = new Set(standing.filter((each) => !stale.includes(each)).map(placeOf));
  return { stale, missing: wants.filter((trigger) => !kept.has(placeOf(trigger))) };
}

/** Takes triggers away and puts others up; one transaction a table, so that none is locked for long. */
export async function settleTriggers(query: RunQuery, { stale, missing }: TriggerDrift): Promise<void> {
  for (const table of new Set([...stale, ...missing].map((each) => each.table))) {
    const statements = [
      ...stale.filter((each) => each.table === table).map(dropped),
      ...missing.filter((each) => each.table === table).map(made),
    ];
    // Sent together, several statements are one transaction.
    await query(statements.join('\n'));
  }
}

const placeOf = ({ table, name }: { table: string; name: string }) => `${table}.${name}`;
const ownFunction = ({ table, name }: { table: string; name: string }) => `${name}_on_${table}`.slice(0, 63);
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const text = (value: string) => `'${value.replaceAll("'", "''")}'`;

function made(trigger: OwnedTrigger): string {
  const { table, name, moment, each, runs } = trigger;
  const own = quoted(ownFunction(trigger));
  return [
    'body' in runs
      ? `CREATE OR REPLACE FUNCTION ${own}() RETURNS trigger LANGUAGE plpgsql ${runs.settings ?? ''} AS $body$${runs.body}$body$;`
      : '',
    `CREATE TRIGGER ${quoted(name)} ${moment} ON ${quoted(table)} ${each}`,
    `  EXECUTE FUNCTION ${'call' in runs ? runs.call : `${own}()`};`,
    `COMMENT ON TRIGGER ${quoted(name)} ON ${quoted(table)} IS ${text(noteOf(trigger))};`,
  ].join('\n');
}

function dropped(trigger: TriggerDrift['stale'][number]): string {
  const { table, name } = trigger;
  const isOwn = trigger.function === ownFunction(trigger);
  return `DROP TRIGGER ${quoted(name)} ON ${quoted(table)};${isOwn ? ` DROP FUNCTION ${quoted(trigger.function)}();` : ''}`;
}
