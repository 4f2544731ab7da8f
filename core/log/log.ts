import { pino, stdSerializers } from 'pino';

export type Log = pino.Logger;

const secrets = [
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'authorization',
  'cookie',
];

/** What a fault says of itself, without the bound values that database errors carry along. */
function faultOnly(fault: Error): object {
  const { type, message, stack, code } = stdSerializers.err(fault) as unknown as Record<string, unknown>;
  return { type, message, stack, code };
}

/**
 * Standard output, written in pieces of 4 KiB or every tenth of a second: a system call a line would cost a busy server
 * more than the line does. What is left is written when the process exits; only a kill -9 can take the last lines along.
 */
function standardOutput(): pino.DestinationStream {
  return pino.destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 100 });
}

/** One JSON line per event, secrets redacted; `silent` for tests. */
export function createLog(level: string, destination?: pino.DestinationStream): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: faultOnly },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  };
  return pino(options, destination ?? standardOutput());
}
