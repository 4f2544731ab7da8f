import { type JobRun, type Log, named, type RunQuery, type Transact, type Tx } from '#core';

const makeMonths = named('audit_make_months', 'SELECT make_audit_months() AS name');
const dropMonths = named('audit_drop_months', 'SELECT drop_audit_months() AS name');
const setKept = named('audit_keep_months', 'SELECT keep_audit_months($1::int)');

/** As the owner: says how many months are kept, `undefined` for all of them, and makes the partitions of this month and the next. */
export async function prepareMonths(query: RunQuery, kept: number | undefined): Promise<void> {
  await query(setKept, [kept ?? null]);
  await query(makeMonths);
}

/** Makes what keeps the log's months: the partitions of the next ones are made ahead, those whose time is over dropped. */
export function createMonths(transact: Transact, log: Log) {
  const change = (caller: JobRun<unknown>['caller'], statement: typeof makeMonths) =>
    transact(caller, async (tx: Tx) => {
      // Rows that had no partition of their month are written anew, however many they are.
      await tx.query('SET LOCAL statement_timeout = 0');
      return (await tx.query<{ name: string }>(statement)).map(({ name }) => name);
    });
  return async function keepMonths({ caller }: Pick<JobRun<unknown>, 'caller'>): Promise<void> {
    for (const partition of await change(caller, makeMonths))
      log.info({ partition }, 'month of the audit log made');
    for (const partition of await change(caller, dropMonths))
      log.warn({ partition }, 'month of the audit log dropped');
  };
}
