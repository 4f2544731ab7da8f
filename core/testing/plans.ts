import pg from 'pg';
import { type RunQuery, runOn } from '../db/database.ts';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Loops': number;
  Plans?: PlanNode[];
}

/** How PostgreSQL ran some statements, those inside functions included. */
export interface Plans {
  /** The indexes that were used. */
  indexes: Set<string>;
  /** The tables that were read from end to end. */
  scanned: Set<string>;
}

/** A connection that tells how its statements were run. */
export interface Explainer {
  /** Runs what asks through `query`, and answers how PostgreSQL did it. */
  plansOf(ask: (query: RunQuery) => Promise<unknown>): Promise<Plans>;
  end(): Promise<void>;
}

/** Opens one to a database; PostgreSQL's own auto_explain reports every plan as a notice. */
export async function openExplainer(url: string): Promise<Explainer> {
  const connection = new pg.Client({ connectionString: url });
  await connection.connect();
  await connection.query(`LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
    SET auto_explain.log_format = json;
    SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off; SET auto_explain.log_level = notice`);
  let heard: PlanNode[] = [];
  connection.on('notice', ({ message = '' }) => {
    const at = message.indexOf('plan:\n');
    if (at >= 0) heard.push(JSON.parse(message.slice(at + 6)).Plan);
  });
  return {
    async plansOf(ask) {
      heard = [];
      await ask((statement, values) => runOn(connection, statement, values));
      const plans: Plans = { indexes: new Set(), scanned: new Set() };
      for (const plan of heard) collect(plan, plans);
      return plans;
    },
    end: () => connection.end(),
  };
}

function collect(node: PlanNode, into: Plans): void {
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index, Plans: below = [] } = node;
  // A part of the plan that was never begun has read nothing.
  const isRun = node['Actual Loops'] > 0;
  if (index !== undefined) into.indexes.add(index);
  if (type === 'Seq Scan' && table !== undefined && isRun) into.scanned.add(table);
  for (const each of below) collect(each, into);
}
