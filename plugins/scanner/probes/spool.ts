import { closeSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Cuts chunks of text into lines. */
export function byLine(take: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const text = rest + chunk;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      take(text.slice(from, end));
      from = end + 1;
    }
    rest = text.slice(from);
  };
}

/** A file that a program writes to and we read from while it does. */
export interface Spool {
  readonly fd: number;
  /** Takes what has not been read, and gives the file up. */
  close(): void;
}

const readEveryMs = 10;
let opened = 0;

/**
 * A nameless file in place of a pipe: through a pipe, each line that a program flushes is a wakening of both, and the program stands still
 * while we are busy. Null where no file can be made.
 */
export function openSpool(onLine: (line: string) => void): Spool | null {
  const path = join(tmpdir(), `cadastre-${process.pid}-${++opened}`);
  let fd: number;
  try {
    fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
  } catch {
    return null;
  }
  const take = byLine(onLine);
  const buffer = Buffer.alloc(65_536);
  let position = 0;
  const read = () => {
    for (;;) {
      const length = readSync(fd, buffer, 0, buffer.length, position);
      if (length === 0) return;
      position += length;
      take(buffer.toString('latin1', 0, length));
    }
  };
  const timer = setInterval(read, readEveryMs);
  return {
    fd,
    close() {
      clearInterval(timer);
      read();
      closeSync(fd);
    },
  };
}
