import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../db/database.ts';
import { createLog } from '../log/log.ts';
import type { AnyPlugin } from '../plugin/define.ts';
import { bootHost } from '../plugin/host.ts';
import { hasty, openTestQueue } from './queues.ts';
import { withRequired } from './register.ts';

/** What a worker works on. */
export interface Workplace {
  /** With everything migrated. */
  databaseUrl: string;
  /** Bull where there is one, else pg-boss. */
  redisUrl?: string | undefined;
  /** Settings of the plugins. */
  env?: Readonly<Record<string, string>>;
}

/** Makes this process, which `WorkerProcesses` has started, a worker of these plugins, and of those that they require, until it is told to end. */
export async function workUntilTold(plugins: readonly AnyPlugin[]): Promise<void> {
  const { databaseUrl, redisUrl, env = {} }: Workplace = JSON.parse(process.argv[2] as string);
  const log = createLog(process.env.TEST_LOG_LEVEL ?? 'silent');
  const db = openDatabase({ url: databaseUrl });
  const host = await bootHost({
    builtIn: withRequired(plugins),
    db,
    env,
    log,
    issueToken: () => 'token',
    migrate: 'off',
    jobs: hasty,
  });
  const running = host.jobs.start(openTestQueue(redisUrl, db, log), { working: true });
  process.stdout.write('working\n');
  await once(process, 'SIGTERM');
  await running.stop();
  await db.close();
}

/** Workers in processes of their own, which a test may kill. */
export class WorkerProcesses {
  readonly #program: string;
  readonly #children: ChildProcess[] = [];

  /** `program`: a file that calls `workUntilTold`. */
  constructor(program: URL) {
    this.#program = fileURLToPath(program);
  }

  /** One more, which has begun to work; hasty, as `hasty` says. */
  async start(place: Workplace): Promise<ChildProcess> {
    const child = spawn(process.execPath, [this.#program, JSON.stringify(place)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    await Promise.race([
      once(child.stdout as NodeJS.ReadableStream, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('The worker ended before it worked.'))),
    ]);
    return child;
  }

  /** Kills those that are still there. */
  readonly stop = async (): Promise<void> => {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  };
}
