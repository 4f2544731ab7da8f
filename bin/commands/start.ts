import type { Command } from '../command.ts';

/** `npm start` by another name. */
export const start: Command = {
  name: 'start',
  summary: 'Serve the register until SIGTERM or SIGINT, as npm start does',
  async run() {
    await import('../../main.ts');
    // A start that fails says so and sets the exit code itself.
    return process.exitCode as number | undefined;
  },
};
