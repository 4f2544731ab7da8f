import { readFileSync } from 'node:fs';

/** Of the files that this process may open, one in so many is for the sockets of a sweep: there are several, and other things to do. */
const share = 8;

/** How many sockets a sweep may have open that wants so many; no fewer than one. */
export function socketsFor(wanted: number, limits = limitsOfNow()): number {
  const files = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  const most = files === undefined ? wanted : Math.floor(Number(files) / share);
  return Math.max(1, Math.min(wanted, most));
}

/** As Linux tells them; empty elsewhere, where nothing is known of them. */
function limitsOfNow(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return '';
  }
}
