import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const cores = availableParallelism();

/** Whether a server has a core of its own: where there are two or more, and taskset (util-linux) to give it one. */
export const hasOwnCore = cores > 1 && spawnSync('taskset', ['-V'], { stdio: 'ignore' }).status === 0;

/** Keeps this process, and what it starts from now on (database, load), off the core of the measured server. */
export function keepOff(): void {
  if (hasOwnCore) pin(process.pid, `1-${cores - 1}`);
}

/** Gives a server that was just started the first core: like a machine of its own, which neither load nor database take turns on. */
export function giveCore(pid: number): void {
  if (hasOwnCore) pin(pid, '0');
}

function pin(pid: number, cores: string): void {
  const { status, stderr } = spawnSync(
    'taskset',
    ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`taskset: ${stderr}`);
}
