import { createLog, type Log } from '../log/log.ts';

/** A log that keeps its lines, parsed, for a test to look at. */
export function keptLog(level = 'info'): { log: Log; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  return { log: createLog(level, { write: (line) => void lines.push(JSON.parse(line)) }), lines };
}
