import type pg from 'pg';

/** Puts the triggers of the audit log in force, or out of it. */
export async function setAudit(database: pg.Client, on: boolean): Promise<void> {
  await database.query(`DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT tgrelid::regclass AS on_table, tgname FROM pg_trigger WHERE tgname ~ '^audit_(insert|update|delete)$' LOOP
      EXECUTE format('ALTER TABLE %s ${on ? 'ENABLE' : 'DISABLE'} TRIGGER %I', t.on_table, t.tgname);
    END LOOP; END $$`);
}

/** Prepares what is measured without a row in the log for each row of it. */
export async function unrecorded(database: pg.Client, work: () => Promise<unknown>): Promise<void> {
  await setAudit(database, false);
  await work();
  await setAudit(database, true);
}
