import { isIP } from 'node:net';
import { z } from 'zod';

const flag = z.stringbool({ truthy: ['1', 'true', 'yes', 'on'], falsy: ['0', 'false', 'no', 'off', ''] });
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

/** What a proxy's address may be: one, a block, or a name that Express has for some. */
function isTrust(text: string): boolean {
  if (/^\d+$/.test(text) || text === 'false') return true;
  return text.split(',').every((part) => {
    const [address = '', length = '0', ...more] = part.trim().split('/');
    if (['loopback', 'linklocal', 'uniquelocal'].includes(part.trim())) return true;
    const bits = isIP(address) === 4 ? 32 : 128;
    return isIP(address) !== 0 && more.length === 0 && /^\d+$/.test(length) && Number(length) <= bits;
  });
}

/** Whether a text is an origin exactly as a browser sends it: scheme, host and port, nothing behind. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Every environment variable that Cadastre reads, with its default; `.describe` is its documentation. */
export const variables = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'])
    .default('development')
    .describe('production demands real secrets'),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(3000)
    .describe('TCP port it listens on; 0 takes a free one'),
  HOST: z.string().default('127.0.0.1').describe('address it listens on'),
  DATA_DIR: z.string().default('.cadastre').describe('embedded PostgreSQL and generated secrets'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('PostgreSQL 15 or newer; embedded when unset'),
  MIGRATION_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe(
      'the same database for the role that owns the tables and migrates; that of DATABASE_URL when unset',
    ),
  DATABASE_POOL: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(12)
    .describe('most connections of one process'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe(
      "Redis that carries queued jobs and keeps the panel's sessions and the counts of rate limits; else PostgreSQL and each process do",
    ),
  TLS_CERT: z
    .string()
    .optional()
    .describe('file of a certificate in PEM, with those that vouch for it: serves HTTPS'),
  TLS_KEY: z.string().optional().describe("file of that certificate's private key in PEM"),
  ROLE: z
    .enum(['all', 'api', 'worker'])
    .default('all')
    .describe('api serves HTTP and enqueues jobs, worker delivers events and runs jobs, all does both'),
  ADMIN_EMAIL: z.email().default('admin@cadastre.local').describe('e-mail of the first admin'),
  ADMIN_PASSWORD: z
    .string()
    .min(12)
    .optional()
    .describe('password of the first admin; random and printed once when unset'),
  JWT_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe('signs access tokens (HS256); generated into DATA_DIR outside production'),
  JWT_PRIVATE_KEY: z
    .string()
    .optional()
    .describe('RSA key in PEM, or its file: signs access tokens (RS256) instead of JWT_SECRET'),
  JWT_PUBLIC_KEY: z
    .string()
    .optional()
    .describe('its public half, checked at the start; worked out from it when unset'),
  AUDIT_KEY: list
    .refine((keys) => keys.every((key) => key.length >= 32), 'each key needs at least 32 characters')
    .default([])
    .describe(
      'seals the audit log; former keys behind it, after commas; generated into DATA_DIR outside production',
    ),
  METRICS_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe('bearer token that GET /metrics demands; none when unset'),
  RATE_LIMIT_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(0)
    .default(100)
    .describe('requests per client address and minute; 0 turns it off'),
  PLUGINS: list.default([]).describe('further plugin packages or paths, separated by commas'),
  PLUGINS_STRICT: flag.default(false).describe('a bad further plugin stops the start'),
  MIGRATE: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe('off: refuse to start while migrations are pending'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least level that is logged'),
  TRUST_PROXY: z
    .string()
    .refine(isTrust, 'Give the number of proxies in front, or their addresses, separated by commas')
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : text === 'false' ? (false as const) : text))
    .default(false)
    .describe('hops, or addresses, of proxies whose X-Forwarded-For is believed'),
  CORS_ORIGINS: list
    .refine((origins) => origins.every(isOrigin), 'Give origins as browsers send them: https://panel.example')
    .default([])
    .describe('origins that browsers may call the API from, separated by commas'),
  X_XSS_PROTECTION: z
    .enum(['0', '1', '1; mode=block'])
    .default('0')
    .describe('header of that name, for browsers that still know it'),
});

export type Env = Readonly<z.output<typeof variables>>;

/** Parses the environment once; throws one error that names every bad variable and what it should be. */
export function parseEnv(source: NodeJS.ProcessEnv): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = variables.safeParse(given);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => {
      const name = String(issue.path[0]) as keyof typeof variables.shape;
      return `  ${name}: ${issue.message} (${variables.shape[name]?.description ?? ''})`;
    });
    throw new Error(`The environment is wrong:\n${faults.join('\n')}`);
  }
  const env = result.data;
  if (env.JWT_PUBLIC_KEY && !env.JWT_PRIVATE_KEY) {
    throw new Error('JWT_PUBLIC_KEY only verifies: set JWT_PRIVATE_KEY, which signs, too.');
  }
  if (env.MIGRATION_DATABASE_URL && !env.DATABASE_URL) {
    throw new Error(
      "MIGRATION_DATABASE_URL goes with DATABASE_URL, which names the same database for the application's own role.",
    );
  }
  if ((env.TLS_CERT === undefined) !== (env.TLS_KEY === undefined)) {
    throw new Error('TLS_CERT and TLS_KEY belong together: set both, or neither.');
  }
  if (env.NODE_ENV === 'production') demandRealSecrets(env);
  return Object.freeze(env);
}

/** Words of secrets that were left as an example had them, and fewer different characters than any random one has. */
const placeholder = /change.?(me|this|it)|example|default|placeholder|your.?(own|secret|jwt)/i;
const fewestDifferent = 8;

/** Throws where production would start with no secret of its own. */
function demandRealSecrets({ JWT_SECRET, JWT_PRIVATE_KEY }: z.output<typeof variables>): void {
  if (JWT_PRIVATE_KEY) return;
  if (!JWT_SECRET) {
    throw new Error('JWT_SECRET is required in production: at least 32 random characters.');
  }
  if (placeholder.test(JWT_SECRET) || new Set(JWT_SECRET).size < fewestDifferent) {
    throw new Error('JWT_SECRET is one that anybody could guess: make one with "openssl rand -base64 48".');
  }
}

/** Where certificate and key lie; undefined where plain HTTP is served. */
export function tlsFilesOf({ TLS_CERT, TLS_KEY }: Env): { cert: string; key: string } | undefined {
  return TLS_CERT !== undefined && TLS_KEY !== undefined ? { cert: TLS_CERT, key: TLS_KEY } : undefined;
}
