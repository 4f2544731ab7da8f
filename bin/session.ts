import { randomUUIDv7 } from 'node:crypto';
import { userInfo } from 'node:os';
import { parseEnv } from '#config/env';
import { createLog, type Log } from '../core/log/log.ts';
import { type Connection, openRegister, type Register } from '../register.ts';

/** Whom the command line's changes are laid to. */
export function cliCaller(actor = `cli:${accountName()}`) {
  return { actor, changeId: randomUUIDv7(), source: 'cli' } as const;
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** The log of a command: on stderr, so that stdout is the answer and nothing else. */
export function cliLog(level = 'warn'): Log {
  return createLog(process.env.LOG_LEVEL || level, process.stderr);
}

/** Opens the register, works with it and closes it again, also when that fails or the command is interrupted. */
export async function withRegister<T>(work: (register: Register) => Promise<T>): Promise<T> {
  return closing(await openRegister(parseEnv(process.env), cliLog()), work);
}

/** Works with something open and closes it; SIGINT and SIGTERM close it too, and end the process. */
export async function closing<C extends Connection, T>(open: C, work: (open: C) => Promise<T>): Promise<T> {
  const interrupt = (_: NodeJS.Signals, number: number) => {
    void open.close().finally(() => process.exit(128 + number));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    return await work(open);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    await open.close();
  }
}

/** Prints lines of the answer. */
export function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
