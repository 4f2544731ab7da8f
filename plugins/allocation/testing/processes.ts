import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestRegister } from '#core/testing';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each call answers another shape
  body: any;
}

/** Calls one process of the API as its admin. A status of 0: no answer came. */
export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

export interface ApiProcess {
  ask: Ask;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

const password = 'many hands, one register';

/** Real processes of the product on one database, with both roles. */
export class ApiProcesses {
  readonly #database: Pick<TestRegister, 'databaseUrl' | 'applicationUrl'>;
  readonly #children: ChildProcess[] = [];
  #dataDir: Promise<string> | undefined;

  constructor(database: Pick<TestRegister, 'databaseUrl' | 'applicationUrl'>) {
    this.#database = database;
  }

  async start(): Promise<ApiProcess> {
    this.#dataDir ??= mkdtemp(join(tmpdir(), 'cadastre-processes-'));
    const dataDir = await this.#dataDir;
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, ['main.ts'], {
      env: {
        PATH,
        HOME,
        DATA_DIR: dataDir,
        DATABASE_URL: this.#database.applicationUrl,
        MIGRATION_DATABASE_URL: this.#database.databaseUrl,
        PORT: '0',
        RATE_LIMIT_PER_MINUTE: '0',
        ADMIN_PASSWORD: password,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const url = await readyUrl(child);
    const login = await call(url, undefined, 'POST', '/auth/login', {
      email: 'admin@cadastre.local',
      password,
    });
    return {
      ask: (method, path, body, headers) => call(url, login.body.accessToken, method, path, body, headers),
      async kill() {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      },
    };
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    if (this.#dataDir) await rm(await this.#dataDir, { recursive: true, force: true });
  }
}

async function readyUrl(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (!line.includes('"msg":"ready"')) continue;
    child.stdout?.resume();
    return JSON.parse(line).url;
  }
  throw new Error('The process ended before it was ready.');
}

async function call(
  url: string,
  token: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Answer> {
  try {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...more,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return { status: 0, body: undefined };
  }
}
