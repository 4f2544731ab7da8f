import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestRegister } from '../testing/register.ts';
import { loadExternal } from './load.ts';

describe('plugins of third parties', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cadastre-plugin-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function saved(name: string, text: string): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  }

  it('lie anywhere, import the kernel as "cadastre", and are served', async () => {
    const file = await saved(
      'greeter.mjs',
      `import { definePlugin, route } from 'cadastre';
       export default definePlugin({
         name: 'greeter', version: '1.0.0', engine: '^1.0.0', summary: 'Greets.',
         setup: () => undefined,
         routes: () => [route({ method: 'post', path: '/greeting', summary: 'Greet', permission: 'signed-in',
           handler: async () => {} })],
       });`,
    );
    const { external, unloadable } = await loadExternal([file]);
    assert.deepEqual(unloadable, []);
    const register = await startTestRegister([], { external });
    try {
      assert.equal((await register.as('viewer').post('/greeting')).status, 204);
    } finally {
      await register.stop();
    }
  });

  it('that cannot be imported are told with the reason', async () => {
    const broken = await saved('broken.mjs', 'export default {');
    const other = await saved('other.mjs', 'export default 42');
    const { external, unloadable } = await loadExternal([broken, other, 'no-such-package', './nowhere.ts']);
    assert.deepEqual(external, []);
    assert.deepEqual(
      unloadable.map(({ name }) => name),
      [broken, other, 'no-such-package', './nowhere.ts'],
    );
    assert.match(unloadable[1]?.why ?? '', /not a plugin made by definePlugin/);
    assert.match(unloadable[2]?.why ?? '', /no-such-package/);
  });
});
