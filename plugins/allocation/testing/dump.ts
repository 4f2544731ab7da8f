import type { RunQuery } from '#core';

/** Every row of every table, by table, as PostgreSQL prints it, in an order that the rows alone decide. */
export async function dump(query: RunQuery): Promise<Record<string, string[]>> {
  const tables = await query<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables
      WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name`,
  );
  const rows: Record<string, string[]> = {};
  for (const { name } of tables) {
    const [row] = await query<{ all: string[] }>(
      `SELECT ARRAY(SELECT t::text FROM ${name} t ORDER BY t::text) AS all`,
    );
    rows[name] = row?.all ?? [];
  }
  return rows;
}
