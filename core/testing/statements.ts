import pg from 'pg';

/** The statements that this process sends to PostgreSQL while `work` runs, whoever sends them. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const { prototype } = pg.Client;
  const { query } = prototype;
  const sent: string[] = [];
  prototype.query = function (this: pg.Client, ...call: unknown[]) {
    const [statement] = call as [string | { text: string }];
    sent.push(typeof statement === 'string' ? statement : statement.text);
    return (query as (...call: unknown[]) => unknown).apply(this, call);
  } as typeof query;
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return sent;
}
