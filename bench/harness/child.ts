import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { devNull } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type Question = 'cpu' | 'profile' | 'profiled';
export interface Answer {
  question: Question;
  value: number | Profiler.Profile | undefined;
}

/** A server in a process of its own, so that it shares no thread with the load generator. */
export interface Child {
  url: string;
  /** CPU time of the process so far, in microseconds. */
  cpu(): Promise<number>;
  /** Runs `work` while the process is profiled. */
  profile(work: () => Promise<unknown>): Promise<Profiler.Profile>;
  stop(): Promise<void>;
}

const root = new URL('../../', import.meta.url);
const probe = new URL('./probe.ts', import.meta.url).href;
const patience = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a script that serves on `PORT`, its log thrown away, and waits until it answers. */
export async function startChild(script: URL, env: NodeJS.ProcessEnv = {}): Promise<Child> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = openSync(devNull, 'w');
  const child = fork(fileURLToPath(script), {
    cwd: fileURLToPath(root),
    // As `npm start` has it, and the baselines no less.
    execArgv: ['--max-semi-space-size=32', '--import', probe],
    env: { ...process.env, NODE_ENV: 'production', ...env, HOST: '127.0.0.1', PORT: String(port) },
    stdio: ['ignore', log, 'inherit', 'ipc'],
  });
  closeSync(log);
  await untilItAnswers(child, url, script.pathname);

  async function ask(question: Question): Promise<Answer['value']> {
    child.send(question);
    for (;;) {
      const [answer] = (await once(child, 'message')) as [Answer];
      if (answer.question === question) return answer.value;
    }
  }
  return {
    url,
    cpu: async () => (await ask('cpu')) as number,
    async profile(work) {
      await ask('profile');
      await work();
      return (await ask('profiled')) as Profiler.Profile;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const impatient = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(impatient);
    },
  };
}

async function untilItAnswers(child: ChildProcess, url: string, script: string): Promise<void> {
  const began = performance.now();
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`${script} ended with code ${child.exitCode} before it answered.`);
    try {
      await (await fetch(`${url}/health/live`)).arrayBuffer();
      return;
    } catch (fault) {
      if (performance.now() - began > patience) {
        child.kill('SIGKILL');
        throw fault;
      }
      await sleep(50);
    }
  }
}
