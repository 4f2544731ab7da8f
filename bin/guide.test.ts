import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtInPlugins } from '#config/plugins';
import { startTestRegister, type TestRegister } from '#core/testing';

describe('the plugin of one model in docs/plugins.md', () => {
  const folder = resolve('.cadastre', `guide-${process.pid}`);
  let register: TestRegister;
  before(async () => {
    const guide = await readFile('docs/plugins.md', 'utf8');
    const section = guide.slice(guide.indexOf('## A model in one declaration'));
    const [, sql = ''] = /```sql\n(.+?)```/s.exec(section) ?? [];
    const [, code = ''] = /```ts\n(.+?)```/s.exec(section) ?? [];
    await mkdir(resolve(folder, 'migrations'), { recursive: true });
    await writeFile(resolve(folder, 'migrations/2026-12-01-racks.up.sql'), sql);
    await writeFile(resolve(folder, 'racks.ts'), code);
    const { default: plugin } = await import(pathToFileURL(resolve(folder, 'racks.ts')).href);
    register = await startTestRegister(builtInPlugins, { external: [plugin], strict: true });
  });
  after(async () => {
    await register?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('works as it stands there', async () => {
    const engineer = register.as('engineer');
    const { body: oslo } = await engineer.post('/sites', { name: 'Oslo' });
    const { status, body: rack } = await engineer.post('/racks', { name: 'A4', site: 'Oslo' });
    assert.deepEqual([status, rack.siteId, rack.height], [201, oslo.id, 42]);
    const { body } = await register.as('viewer').get('/racks?site=Oslo&include=site&fields=name');
    assert.deepEqual(body.items, [{ name: 'A4', site: { id: oslo.id, name: 'Oslo' } }]);
    const twice = await engineer.post('/racks', { name: 'A4' });
    assert.deepEqual([twice.status, twice.body.type], [409, 'urn:cadastre:error:rack-taken']);
    const kept = await engineer.delete(`/sites/${oslo.id}`);
    assert.deepEqual([kept.status, kept.body.detail], [409, '1 rack stands at this site; move it first.']);
    const { body: log } = await register.as('auditor').get('/audit-logs?entity=rack');
    assert.equal(log.items[0].action, 'create');
  });
});
