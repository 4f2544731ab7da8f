import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtInPlugins } from '#config/plugins';
import { startTestRegister, type TestRegister } from '#core/testing';

describe('the plugin in README.md', () => {
  // In the checkout, as the README says: #core is a name of this package.
  const folder = resolve('.cadastre', `readme-${process.pid}`);
  let register: TestRegister;
  before(async () => {
    const [, code = ''] = /```ts\n(.+?)```/s.exec(await readFile('README.md', 'utf8')) ?? [];
    const file = resolve(folder, 'fullest.ts');
    await mkdir(folder, { recursive: true });
    await writeFile(file, code);
    const { default: plugin } = await import(pathToFileURL(file).href);
    register = await startTestRegister(builtInPlugins, {
      external: [plugin],
      strict: true,
      env: { CADASTRE_FULLEST_PERCENT: '20' },
    });
  });
  after(async () => {
    await register?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('works as it stands there', async () => {
    const engineer = register.as('engineer');
    const { body: office } = await engineer.post('/subnets', { cidr: '192.0.2.0/24' });
    assert.deepEqual((await engineer.get('/fullest')).body, { items: [] });
    await engineer.post(`/subnets/${office.id}/subnet-allocations`, { prefixLength: 26 });
    assert.deepEqual((await engineer.get('/fullest')).body, {
      items: [{ cidr: '192.0.2.0/24', percent: 24.8 }],
    });
    assert.equal((await register.as('viewer').get('/fullest')).status, 403);
  });
});
