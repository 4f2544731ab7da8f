import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSealer, loadSealer, type Sealer } from './sealer.ts';

const [now, former] = ['the key of now, which is long enough', 'the key before it, long enough as well'];
const bytes = Buffer.from('what was written');

describe('a sealer', () => {
  it('seals with its first key, and knows what a former one made', () => {
    const old = createSealer([former]) as Sealer;
    const both = createSealer([now, former]) as Sealer;
    assert.notDeepEqual(both.seal(bytes), old.seal(bytes));
    assert.deepEqual(both.seal(bytes, old.keyId), old.seal(bytes));
    assert.equal(old.seal(bytes, both.keyId), undefined, 'a key that it does not have');
    assert.equal(both.seal(bytes)?.length, 32);
    assert.ok(!both.keyId.includes(now));
  });

  it('has a key of its own in the data directory, made once; in production only what it is told', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'cadastre-sealer-'));
    const made = await loadSealer([], false, dataDir);
    assert.ok(made);
    assert.equal((await loadSealer([], false, dataDir))?.keyId, made.keyId);
    assert.equal((await stat(join(dataDir, 'secrets', 'audit'))).mode & 0o777, 0o600);
    assert.equal(await loadSealer([], true, dataDir), undefined);
    assert.notEqual((await loadSealer([now], true, dataDir))?.keyId, made.keyId);
    await rm(dataDir, { recursive: true });
  });
});
