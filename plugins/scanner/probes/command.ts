import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { tie } from './lifeline.ts';
import { byLine, openSpool } from './spool.ts';

/** Whether a program of this name is on the PATH of now. */
export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** How a program ended: `code` is null where it was killed or never began; `said` is the last line on its stderr. */
export interface Ended {
  readonly code: number | null;
  readonly said: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly signal: AbortSignal;
  /** It says very much, line by line: take its lines by the thousand, up to 10 ms later. */
  readonly isChatty?: boolean;
  onLine(line: string): void;
  onErrorLine?(line: string): void;
}

/**
 * Runs a program and hands over its lines as they come. It is killed when the signal fires, and then the signal's reason is thrown once
 * it is gone; it is killed as well when this process is. A program that does not start or fails is told by how it ended.
 */
export async function run(command: Command): Promise<Ended> {
  const { program, args, input, signal, isChatty, onLine, onErrorLine } = command;
  signal.throwIfAborted();
  const spool = isChatty ? openSpool(onLine) : null;
  let said = '';
  const ended = await new Promise<Ended>((resolve) => {
    const child = spawn(program, args, {
      stdio: ['pipe', spool?.fd ?? 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    if (child.pid !== undefined) child.once('exit', tie(child.pid));
    const kill = () => child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    child.stdout?.setEncoding('latin1').on('data', byLine(onLine));
    child.stderr?.setEncoding('latin1').on(
      'data',
      byLine((line) => {
        said = line;
        onErrorLine?.(line);
      }),
    );
    child.stdin?.on('error', () => {}); // it may end before it has read everything
    child.stdin?.end(input);
    child.on('error', ({ message }) => {
      said = message;
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', kill);
      spool?.close();
      resolve({ code: child.pid === undefined ? null : code, said });
    });
  });
  signal.throwIfAborted();
  return ended;
}
