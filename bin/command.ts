import { parseArgs } from 'node:util';
import leven from 'leven';

interface Option {
  type: 'string' | 'boolean';
  /** What stands for its value in the help, as NAME. */
  value?: string;
  says: string;
}

/** What a command gets: its words and options, checked against what it declares. */
export interface Given {
  words: readonly string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
}

/** One command: its declaration is its help. */
export interface Command {
  /** One word or two, as `seed demo`. */
  name: string;
  /** The words that follow, as they stand in the help; all of them are needed. */
  words?: readonly string[];
  summary: string;
  /** More for its own help. */
  details?: string;
  options?: Readonly<Record<string, Option>>;
  /** Answers the exit code; nothing is 0. */
  run(given: Given): Promise<number | undefined>;
}

/** The command line is not understood: exit code 2, with where help is. */
export class UsageError extends Error {}

const helpOption = { help: { type: 'boolean', short: 'h' } } as const;

/** Finds the command that the arguments name, the longer name first, and the arguments that are left for it. */
export function findCommand(commands: readonly Command[], args: readonly string[]): [Command, string[]] {
  for (const length of [2, 1]) {
    const name = args.slice(0, length).join(' ');
    const command = commands.find((each) => each.name === name);
    if (command) return [command, args.slice(length)];
  }
  throw new UsageError(notUnderstood(commands, args));
}

function notUnderstood(commands: readonly Command[], args: readonly string[]): string {
  const [first = '', second = ''] = args;
  const family = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (family.length > 0) return `"${first}" is one of: ${family.map(({ name }) => name).join(', ')}.`;
  const near = commands
    .map(({ name }) => {
      const typed =
        name.includes(' ') && second !== '' && !second.startsWith('-') ? `${first} ${second}` : first;
      return { name, distance: leven(typed, name), reach: Math.max(2, Math.floor(name.length / 3)) };
    })
    .filter(({ distance, reach }) => distance <= reach)
    .sort((a, b) => a.distance - b.distance)[0];
  return `There is no command "${first}"${near ? `; did you mean "${near.name}"?` : '.'}`;
}

/** Parses what follows a command's name; `help` where that was asked for. Throws UsageError. */
export function parseFor(command: Command, args: string[]): Given | 'help' {
  const wanted = command.words ?? [];
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...helpOption, ...(command.options ?? {}) },
      allowPositionals: true,
    });
    const { help, ...options } = values as Record<string, string | boolean | undefined>;
    if (help) return 'help';
    const missing = wanted[positionals.length];
    if (missing) throw new UsageError(`${command.name} needs ${missing}.`);
    if (positionals.length > wanted.length) {
      throw new UsageError(`${command.name} does not know what to do with "${positionals[wanted.length]}".`);
    }
    return { words: positionals, options };
  } catch (fault) {
    if (!String((fault as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')) throw fault;
    throw new UsageError((fault as Error).message.split('. To specify')[0] as string, { cause: fault });
  }
}

const usageOf = ({ name, words = [] }: Command) => [name, ...words].join(' ');

/** The help of all commands. */
export function overview(commands: readonly Command[]): string {
  return `Cadastre keeps the register of a network: who holds which address.

Usage: npm run cadastre -- COMMAND [OPTIONS]

${columns(commands.map((command) => [`  ${usageOf(command)}`, command.summary]))}

"COMMAND --help" tells more. The database is the one of the environment (DATABASE_URL, or the embedded one under DATA_DIR);
"doctor" lists every variable. Exit codes: 0 done, 1 it did not work, 2 the command line was not understood.
`;
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const options = Object.entries(command.options ?? {}).map(([name, { value, says }]) => [
    `  --${name}${value ? ` ${value}` : ''}`,
    says,
  ]);
  const optional = options.length > 0 ? ` [OPTIONS]\n\n${columns(options)}` : '';
  const details = command.details ? `\n${command.details}\n` : '';
  return `${command.summary}\n${details}\nUsage: npm run cadastre -- ${usageOf(command)}${optional}\n`;
}

/** Rows as columns, each as wide as its widest cell; the last is left ragged. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column < row.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell)),
    )
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}
