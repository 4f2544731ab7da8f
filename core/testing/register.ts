import { createSecretKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { principalSources } from '../auth/authenticate.ts';
import type { Caller } from '../auth/caller.ts';
import type { Role } from '../auth/principal.ts';
import { createSealer } from '../auth/sealer.ts';
import { signIns } from '../auth/sign-in.ts';
import { createIssueToken } from '../auth/tokens.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../db/database.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Panel, PanelKernel } from '../http/panel.ts';
import { createLog, type Log } from '../log/log.ts';
import { type AnyPlugin, definePlugin } from '../plugin/define.ts';
import { bootHost, type Host, type HostOptions } from '../plugin/host.ts';
import { type ServerOptions, startServer } from '../server.ts';
import { testDatabase } from './database.ts';
import type { OwnServer } from './own-server.ts';

type Call = (path: string, body?: unknown, headers?: Record<string, string>) => Promise<supertest.Response>;

/** Calls the API below /api/v1 as one role, or as nobody. */
export interface Client {
  get(path: string, headers?: Record<string, string>): Promise<supertest.Response>;
  post: Call;
  patch: Call;
  put: Call;
  delete: Call;
}

/** A real register on a database of its own, served on a free port. */
export interface TestRegister {
  url: string;
  /** For the role that owns everything, a superuser. */
  renewCertificate(): void;
  databaseUrl: string;
  /** For the application's own role. */
  applicationUrl: string;
  host: Host;
  /** What the register works with: the application's own role. */
  db: Database;
  /** The same for the owner, who may change tables. */
  owner: Database;
  /** Signs access tokens; for tests that forge them. */
  tokenKey: KeyObject;
  as(role: Role): Client;
  anonymous: Client;
  /** Calls with a bearer token of the test's choosing. */
  withToken(token: string): Client;
  /** Moves the plugins' clock. */
  setClock(to: Date): void;
  /** Runs a job of a plugin (`allocation.expire`) now; throws what it throws. */
  runJob(name: string): Promise<void>;
  /** Runs all that was enqueued and is due; answers the names of the jobs. */
  runQueued(): Promise<string[]>;
  stop(): Promise<void>;
}

interface TestOptions
  extends Pick<HostOptions, 'external' | 'unloadable' | 'strict' | 'phaseTimeout'>,
    Partial<
      Pick<
        ServerOptions,
        'redisUrl' | 'trustProxy' | 'tls' | 'patience' | 'xssProtection' | 'queue' | 'queueBoard'
      >
    > {
  /** A server of the test's own; the one that tests share unless told. It is dropped when the register stops. */
  server?: OwnServer;
  /** Timeouts and pool of the database. */
  database?: Omit<DatabaseOptions, 'url'>;
  env?: NodeJS.ProcessEnv;
  log?: Log;
  ratePerMinute?: number;
  corsOrigins?: readonly string[];
  metricsToken?: string;
  /** What AUDIT_KEY would be. */
  auditKeys?: readonly string[];
  trustProxy?: string | number | false;
  /** Signs access tokens; a secret of its own unless told. */
  tokenKey?: KeyObject;
  panel?: (kernel: PanelKernel) => Panel;
}

/** A caller for tests that use services without HTTP. */
export function testCaller(actor = 'test'): Caller {
  return { actor, changeId: randomUUID(), source: 'cli' };
}

/** The password of `admin@test.local`, `viewer@test.local` … in a register without the plugin that keeps users. */
export const testPassword = 'correct horse battery staple';

/** Knows the tokens and sign-ins that tests make for a role, so that no users are needed to test a plugin. */
const testPrincipals = definePlugin({
  name: 'test-principals',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Believes the tokens of tests.',
  setup(ctx) {
    ctx.extend(principalSources, async ({ sub, role }) =>
      sub.startsWith('test:') ? { id: 0, kind: 'user', name: sub, role: role as Role } : undefined,
    );
    ctx.extend(signIns, {
      open: async (_caller, email, password) => {
        const [role = ''] = email.split('@');
        if (password !== testPassword)
          throw kernelErrors.notAuthenticated('The password of tests is another.');
        const exp = Math.floor(Date.now() / 1000) + 900;
        return { sub: `test:${role}`, role, exp };
      },
      close: async () => undefined,
      changePassword: async () => undefined,
      resetPassword: async () => undefined,
    });
  },
});

/** The plugins and all that they require, each once, what is required first. */
export function withRequired(plugins: readonly AnyPlugin[]): AnyPlugin[] {
  const all = plugins.flatMap((plugin) => [...withRequired(plugin.definition.requires ?? []), plugin]);
  return [...new Set(all)];
}

/** Starts a register of these plugins, and of those that they require, on a fresh database. */
export async function startTestRegister(
  wanted: readonly AnyPlugin[],
  options: TestOptions = {},
): Promise<TestRegister> {
  const plugins = withRequired(wanted);
  const sources = plugins.flatMap(({ name, definition }) =>
    definition.migrations ? [{ owner: name, folder: definition.migrations }] : [],
  );
  const database = options.server ?? (await testDatabase(sources));
  const db = openDatabase({ ...options.database, url: database.applicationUrl });
  const owner = openDatabase({ url: database.url });
  const close = async () => {
    await Promise.all([db.close(), owner.close()]);
    await database.drop();
  };
  const { external = [], unloadable = [], strict = false, phaseTimeout = 60_000 } = options;
  const log = options.log ?? createLog(process.env.TEST_LOG_LEVEL ?? 'silent');
  const { tokenKey = createSecretKey(randomBytes(32)) } = options;
  const issueToken = createIssueToken(tokenKey);
  let now: Date | undefined;
  try {
    const host = await bootHost({
      builtIn: [...plugins, testPrincipals],
      external,
      unloadable,
      strict,
      phaseTimeout,
      db,
      owner,
      env: options.env ?? {},
      log,
      issueToken,
      sealer: createSealer(options.auditKeys ?? ['the key that seals in tests']),
      clock: () => now ?? new Date(),
    });
    const server = await startServer({
      host,
      db,
      log,
      tokenKey,
      routes: host.registry.routes,
      port: 0,
      address: '127.0.0.1',
      ratePerMinute: options.ratePerMinute ?? 0,
      corsOrigins: options.corsOrigins ?? [],
      redisUrl: options.redisUrl,
      queue: options.queue,
      queueBoard: options.queueBoard,
      tls: options.tls,
      patience: options.patience,
      xssProtection: options.xssProtection,
      trustProxy: options.trustProxy ?? false,
      checkReplies: true,
      metricsToken: options.metricsToken,
      ...(options.panel ? { panel: options.panel } : {}),
    });
    return {
      url: server.url,
      renewCertificate: server.renewCertificate,
      databaseUrl: database.url,
      applicationUrl: database.applicationUrl,
      host,
      db,
      owner,
      tokenKey,
      as: (role) => clientOf(server.url, issueToken(`test:${role}`, { role }, 900)),
      anonymous: clientOf(server.url, undefined),
      withToken: (token) => clientOf(server.url, token),
      setClock: (to) => {
        now = to;
      },
      runJob: host.schedule.run,
      runQueued: host.jobs.runDue,
      async stop() {
        await server.stop();
        await close();
      },
    };
  } catch (fault) {
    await close();
    throw fault;
  }
}

function clientOf(url: string, token: string | undefined): Client {
  const call =
    (method: 'get' | 'post' | 'patch' | 'put' | 'delete'): Call =>
    async (path, body, headers = {}) => {
      const request = supertest(url)[method](`/api/v1${path}`);
      if (token !== undefined) request.set('Authorization', `Bearer ${token}`);
      request.set(headers);
      return body === undefined ? request : request.send(body as object);
    };
  const get = call('get');
  return {
    get: (path, headers) => get(path, undefined, headers),
    post: call('post'),
    patch: call('patch'),
    put: call('put'),
    delete: call('delete'),
  };
}
