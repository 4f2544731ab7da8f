/** Imports AdminJS as in production: it reads NODE_ENV once, at import, and would else serve itself and React four times as large. */
export async function importAdminJs(): Promise<typeof import('adminjs')> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  // The bundle is made in a process of its own; AdminJS must never make one in ours.
  process.env.ADMIN_JS_SKIP_BUNDLE = 'true';
  try {
    return await import('adminjs');
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
