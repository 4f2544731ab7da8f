import { randomUUIDv7 } from 'node:crypto';
import { type Env, parseEnv, tlsFilesOf } from '#config/env';
import { users } from '#config/plugins';
import { preparePanel } from './admin/index.ts';
import { readCertificate } from './core/http/tls.ts';
import { openQueue } from './core/jobs/open.ts';
import { createLog, type Log } from './core/log/log.ts';
import { redacted } from './core/log/redact.ts';
import { startServer } from './core/server.ts';
import { openRegister } from './register.ts';
import { ensureFirstAdmin } from './seeders/first-admin.ts';

/** Boots Cadastre, serves it until SIGTERM or SIGINT, then finishes what is under way and exits 0. */
async function main(): Promise<void> {
  const env = parseEnv(process.env);
  const log = createLog(env.LOG_LEVEL);
  const tls = tlsFilesOf(env);
  // Told now, and not after the database has been made.
  if (tls) readCertificate(tls);
  const [{ host, db, owner, tokenKey, embedded }, panel] = await Promise.all([
    openRegister(env, log),
    // A worker answers its health checks and nothing else.
    env.ROLE === 'worker' ? undefined : preparePanel(panelOptions(env, log)),
  ]);
  const admin = await ensureFirstAdmin(
    host.api(users),
    {
      email: env.ADMIN_EMAIL,
      password: env.ADMIN_PASSWORD,
      mayBeWeak: env.NODE_ENV !== 'production',
    },
    { actor: 'seed', changeId: randomUUIDv7(), source: 'cli' },
  );
  // Before anything else can fail: it is not to be had again.
  if (admin) process.stdout.write(welcome(admin));
  const works = env.ROLE !== 'api';
  const { queue, board } = await openQueue({ redisUrl: env.REDIS_URL, db, log, jobs: host.jobs.names });
  const background = [
    host.jobs.start(queue, { working: works }),
    ...(works ? [host.events.start(), host.schedule.start()] : []),
  ];
  const server = await startServer({
    host,
    db,
    log,
    tokenKey,
    routes: env.ROLE === 'worker' ? [] : host.registry.routes,
    port: env.PORT,
    address: env.HOST,
    ratePerMinute: env.RATE_LIMIT_PER_MINUTE,
    redisUrl: env.REDIS_URL,
    corsOrigins: env.CORS_ORIGINS,
    trustProxy: env.TRUST_PROXY,
    xssProtection: env.X_XSS_PROTECTION,
    tls,
    checkReplies: env.NODE_ENV === 'test',
    metricsToken: env.METRICS_TOKEN,
    queue: { check: queue.check, needed: env.ROLE === 'worker' },
    queueBoard: board,
    ...(panel ? { panel } : {}),
  });

  let stopping = false;
  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    await Promise.all([server, ...background].map((each) => each.stop()));
    await Promise.all([...new Set([db, owner])].map((each) => each.close()));
    await embedded?.stop();
    // A job that ignores that it was told to end has been given back, and must not keep the process.
    setTimeout(() => process.exit(0), 1_000).unref();
  }
  if (tls) process.on('SIGHUP', server.renewCertificate);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));

  log.info(
    {
      url: server.url,
      panel: `${server.url}/admin`,
      docs: `${server.url}/api/docs`,
      bootMs: Math.round(performance.now()),
    },
    'ready',
  );
}

function panelOptions(env: Env, log: Log): Parameters<typeof preparePanel>[0] {
  const secure = env.NODE_ENV === 'production';
  const loginsPerMinute = env.RATE_LIMIT_PER_MINUTE === 0 ? 0 : 10;
  return { secure, loginsPerMinute, redisUrl: env.REDIS_URL, dataDir: env.DATA_DIR, log };
}

/** The first admin's password is in no file and in no log: this is the one time it is shown. */
function welcome({ email, password }: { email: string; password: string }): string {
  return `\n  The first admin, shown this once:\n\n    e-mail    ${email}\n    password  ${password}\n\n  It has to be changed first: at /admin, or with POST /api/v1/users/me/password.\n\n`;
}

main().catch((fault: Error) => {
  process.stderr.write(`Cadastre did not start: ${redacted(fault.message)}\n`);
  process.exitCode = 1;
  // What was opened on the way (pool, timers) must not keep a failed start alive.
  setTimeout(() => process.exit(1), 1_000).unref();
});
