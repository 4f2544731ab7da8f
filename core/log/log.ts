import { pino, stdSerializers } from 'pino';
import { redacted, withoutSecrets } from './redact.ts';

export type Log = pino.Logger;

/** What a fault says of itself, without the bound values that database errors carry along. */
function faultOnly(fault: Error): object {
  const { type, message, stack, code } = stdSerializers.err(fault) as unknown as Record<string, unknown>;
  return { type, message: redacted(String(message)), stack: redacted(String(stack)), code };
}

/**
 * Standard output, written in pieces of 4 KiB or every tenth of a second: a system call a line would cost a busy server
 * more than the line does. What is left is written when the process exits; only a kill -9 can take the last lines along.
 */
function standardOutput(): pino.DestinationStream {
  return pino.destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 100 });
}

/**
 * A child of a log for lines of known parts, none of them secret: looking for secrets would cost as much as the line.
 */
export function plainLines(log: Log): Log {
  return log.child({}, { formatters: { log: (line) => line } });
}

/** One JSON line per event, secrets redacted; `silent` for tests. */
export function createLog(level: string, destination?: pino.DestinationStream): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    // Faults are made safe with all else of a line; pino's own serializer would take them for objects.
    serializers: { err: (fault) => fault },
    formatters: { log: (line) => withoutSecrets(line, faultOnly) as Record<string, unknown> },
    hooks: {
      logMethod(said, write) {
        const safe: unknown[] = said.map((each) => (typeof each === 'string' ? redacted(each) : each));
        // Where nothing is said, pino says what the fault says.
        const [first] = said as [unknown];
        const fault = first instanceof Error ? first : (first as { err?: unknown } | null)?.err;
        if (said.length === 1 && fault instanceof Error) safe.push(redacted(fault.message));
        write.apply(this, safe as Parameters<typeof write>);
      },
    },
  };
  return pino(options, destination ?? standardOutput());
}
