import { spawn } from 'node:child_process';

/** Exit code (-1 when the program could not be started) and everything written to stdout and stderr. */
export interface Outcome {
  code: number;
  output: string;
}

/**
 * Runs a program to its end, never throws. It gets a session of its own, so that a Ctrl-C meant for Cadastre
 * reaches neither it nor a server it starts, and none of the caller's PG* and locale settings. What the caller's environment does
 * not say, `defaults` does.
 */
export function run(
  command: readonly string[],
  cwd = '/',
  defaults: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const [program = '', ...args] = command;
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return new Promise((settle) => {
    const child = spawn(program, args, {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...defaults, ...Object.fromEntries(inherited), LC_ALL: 'C' },
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => settle({ code: -1, output: error.message }));
    child.on('close', (code) => settle({ code: code ?? -1, output: output.trim() }));
  });
}
