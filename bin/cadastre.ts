#!/usr/bin/env node
import { Problem } from '#core';
import { redacted } from '../core/log/redact.ts';
import { findCommand, helpOf, overview, parseFor, UsageError } from './command.ts';
import { commands } from './commands.ts';

/** Runs the command that the arguments name; answers the exit code. */
async function main(typed: readonly string[]): Promise<number> {
  const args = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed;
  if (['', '-h', '--help'].includes(args[0] ?? '')) {
    process.stdout.write(overview(commands));
    return 0;
  }
  const [command, rest] = findCommand(commands, args);
  const given = parseFor(command, rest);
  if (given !== 'help') return (await command.run(given)) ?? 0;
  process.stdout.write(helpOf(command));
  return 0;
}

function explain(fault: Error): string {
  if (fault instanceof UsageError)
    return `${fault.message}\n"npm run cadastre -- --help" lists the commands.`;
  if (fault instanceof Problem) {
    const fields = (fault.errors ?? [])
      .map(({ message }) => message)
      .filter((each) => each !== fault.message);
    return [fault.message, ...fields].join('\n');
  }
  const curious = ['debug', 'trace'].includes(process.env.LOG_LEVEL ?? '');
  return (curious && fault.stack) || fault.message;
}

process.exitCode = await main(process.argv.slice(2)).catch((fault: Error) => {
  process.stderr.write(`${redacted(explain(fault))}\n`);
  return fault instanceof UsageError ? 2 : 1;
});
