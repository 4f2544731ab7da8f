import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Knocks } from './knocks.ts';

describe('knocking', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  const manner = { ports: [9], timeoutMs: 1000, attempts: 1, packetsPerSecond: 0, places: 10 };

  it('waits out a lack of sockets', () => {
    const program = `import { Knocks } from '${new URL('./knocks.ts', import.meta.url)}';
      const knocks = new Knocks({ ports: [9], timeoutMs: 1000, attempts: 1, packetsPerSecond: 0, places: 100 });
      const answers = await Promise.all(Array.from({ length: 100 }, (_, nth) => knocks.ask('127.59.0.' + nth)));
      console.log(answers.flat().filter(({ state }) => state === 'refused').length);`;
    const limited = [
      '-c',
      'ulimit -n 80; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      program,
    ];
    assert.equal(execFileSync('sh', limited, { encoding: 'utf8' }), '100\n');
  });

  it('hears answers that came while the thread was busy for longer than it waits', async () => {
    const knocks = new Knocks({ ...manner, timeoutMs: 20 });
    const answers = knocks.ask('127.59.0.1');
    process.nextTick(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60));
    assert.equal((await answers).map((answer) => 'state' in answer && answer.state)[0], 'refused');
    knocks.close(new Error('over'));
  });

  it('is over for all who wait when it is closed, and for all who come later', async () => {
    const knocks = new Knocks({ ...manner, packetsPerSecond: 1, places: 1 });
    const waiting = ['127.59.0.1', '127.59.0.2', '127.59.0.3'].map((address) => knocks.ask(address));
    assert.equal(knocks.busy, 3);
    knocks.close(new Error('over'));
    for (const each of [...waiting, knocks.ask('127.59.0.4')]) await assert.rejects(each, /over/);
    assert.equal(knocks.busy, 0);
  });
});
