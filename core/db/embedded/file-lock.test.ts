import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock.ts';

describe('the file lock', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cadastre-lock-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('lets one in at a time, and the next in when the work throws', async () => {
    const path = join(directory, 'lock');
    let inside = 0;
    const work = async () => {
      inside += 1;
      assert.equal(inside, 1);
      await new Promise((wake) => setTimeout(wake, 20));
      inside -= 1;
      throw new Error('done');
    };
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => withFileLock(path, work)));
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.message),
      ['done', 'done', 'done'],
    );
  });

  it('is free again as soon as its holder is killed', async () => {
    const path = join(directory, 'lock');
    const script = `
      import { withFileLock } from ${JSON.stringify(import.meta.resolve('./file-lock.ts'))};
      await withFileLock(${JSON.stringify(path)}, () => { console.log('held'); return new Promise((r) => setTimeout(r, 60_000)); });`;
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    await new Promise((held) => holder.stdout.once('data', held));
    let entered = false;
    const waiting = withFileLock(path, async () => {
      entered = true;
    });
    await new Promise((wake) => setTimeout(wake, 60));
    assert.equal(entered, false);
    holder.kill('SIGKILL');
    await waiting;
  });
});
