import { z } from 'zod';

const flag = z.stringbool({ truthy: ['1', 'true', 'yes', 'on'], falsy: ['0', 'false', 'no', 'off', ''] });
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

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
    .describe("Redis that keeps the panel's sessions; PostgreSQL does when unset"),
  ROLE: z
    .enum(['all', 'api', 'worker'])
    .default('all')
    .describe('api serves HTTP, worker delivers events and runs jobs, all does both'),
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
    .transform((text) =>
      /^\d+$/.test(text) ? Number(text) : text === '' || text === 'false' ? (false as const) : text,
    )
    .default(false)
    .describe('hops, or addresses, of proxies whose X-Forwarded-For is believed'),
  CORS_ORIGINS: list.default([]).describe('origins that browsers may call the API from, separated by commas'),
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
