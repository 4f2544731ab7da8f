import pg from 'pg';

/** The statements that this process sends to PostgreSQL while `work` runs, whoever sends them, but for those that set up a connection. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const { prototype } = pg.Client;
  const { query } = prototype;
  const sent: string[] = [];
  prototype.query = function (this: pg.Client, ...call: unknown[]) {
    const [statement] = call as [string | { text: string }];
    const text = typeof statement === 'string' ? statement : statement.text;
    if (!text.startsWith('SET standard_conforming_strings')) sent.push(text);
    return (query as (...call: unknown[]) => unknown).apply(this, call);
  } as typeof query;
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return sent;
}
