// Loaded into a measured server with --import: answers its parent's questions about CPU time, and profiles on demand.
import { Session } from 'node:inspector/promises';
import type { Answer, Question } from './child.ts';

const session = new Session();
session.connect();

/** Microseconds between two looks at the stack. */
const interval = 250;

async function answerTo(question: Question): Promise<Answer['value']> {
  if (question === 'cpu') {
    const { user, system } = process.cpuUsage();
    return user + system;
  }
  if (question === 'profile') {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval });
    await session.post('Profiler.start');
    return undefined;
  }
  const { profile } = await session.post('Profiler.stop');
  return profile;
}

process.on('message', async (question: Question) =>
  process.send?.({ question, value: await answerTo(question) }),
);
// A bench that was killed leaves no server behind.
process.on('disconnect', () => process.exit());
process.channel?.unref();
