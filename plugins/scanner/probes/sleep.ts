import { setTimeout as pause } from 'node:timers/promises';

/** Waits so many milliseconds; throws the signal's own reason as soon as it fires. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await pause(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
