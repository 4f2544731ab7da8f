import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { startTestRegister, type TestRegister } from '#core/testing';
import { sites } from './index.ts';

describe('sites', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([sites]);
  });
  after(() => register.stop());

  const names = new Map<string, number>();
  async function site(name: string, more: object = {}): Promise<number> {
    const { status, body } = await register.as('engineer').post('/sites', { name, ...more });
    assert.equal(status, 201, JSON.stringify(body));
    names.set(name, body.id);
    return body.id;
  }
  const listed = async (query: string) => {
    const { body } = await register.as('viewer').get(`/sites?${query}`);
    return body.items.map(({ name }: { name: string }) => name).join(' ');
  };

  it('lie in one another', async () => {
    await site('Norway', { latitude: 59.91, longitude: 10.75, facility: 'NO' });
    await site('Oslo', { parent: 'Norway', status: 'planned' });
    await site('Rack room', { parentId: names.get('Oslo'), address: 'Storgata 1' });
    await site('Denmark');
    const { body } = await register.as('viewer').get(`/sites/${names.get('Oslo')}?include=parent`);
    assert.deepEqual(
      [body.parentId, body.parent, body.status],
      [names.get('Norway'), { id: names.get('Norway'), name: 'Norway' }, 'planned'],
    );
    assert.equal(await listed('parent=Norway'), 'Oslo');
    assert.equal(await listed(`parent=${names.get('Oslo')}`), 'Rack room');
    assert.equal(await listed('parent__empty=true'), 'Denmark Norway');
    assert.equal(await listed('within=Norway'), 'Norway Oslo Rack room');
    assert.equal(await listed(`within=${names.get('Oslo')}&sort=-name`), 'Rack room Oslo');
    assert.equal(await listed('within=Sweden'), '');
    assert.equal(await listed('latitude__gte=59.9'), 'Norway');
    assert.equal(await listed('q=status = planned or facility = NO'), 'Norway Oslo');
  });

  it('lie in no circle, and not too deep', async () => {
    const engineer = register.as('engineer');
    const circle = await engineer.patch(`/sites/${names.get('Norway')}`, { parent: 'Rack room' });
    assert.deepEqual([circle.status, circle.body.type], [409, 'urn:cadastre:error:site-misplaced']);
    assert.match(circle.body.detail, /Norway would lie in itself/);
    const self = await engineer.patch(`/sites/${names.get('Oslo')}`, { parent: 'Oslo' });
    assert.equal(self.status, 409);
    for (let level = 1; level <= 10; level += 1)
      await site(`Level ${level}`, level > 1 ? { parent: `Level ${level - 1}` } : {});
    const deep = await engineer.post('/sites', { name: 'Level 11', parent: 'Level 10' });
    assert.deepEqual(
      [deep.status, deep.body.detail],
      [409, 'Sites would lie 11 levels deep; 10 are the most.'],
    );
    const moved = await engineer.patch(`/sites/${names.get('Level 1')}`, { parent: 'Denmark' });
    assert.equal(moved.status, 409);
    assert.equal((await engineer.patch(`/sites/${names.get('Level 2')}`, { parentId: null })).status, 200);
  });

  it('close no circle when two are moved at once', async () => {
    const [a, b] = [await site('A'), await site('B')];
    const engineer = register.as('engineer');
    const answers = await Promise.all([
      engineer.patch(`/sites/${a}`, { parentId: b }),
      engineer.patch(`/sites/${b}`, { parentId: a }),
    ]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  });

  it('stay while something lies in them', async () => {
    const kept = await register.as('engineer').delete(`/sites/${names.get('Norway')}`);
    assert.deepEqual([kept.status, kept.body.type], [409, 'urn:cadastre:error:site-in-use']);
    assert.equal(kept.body.detail, '1 site lies in this one; move it elsewhere or delete it first.');
    for (const name of ['Rack room', 'Oslo', 'Norway'])
      assert.equal((await register.as('engineer').delete(`/sites/${names.get(name)}`)).status, 204);
  });

  it('cost 150 lines at most, all of them counted', async () => {
    const files = (await readdir(import.meta.dirname)).filter((file) => /(?<!test)\.ts$/.test(file));
    const texts = await Promise.all(files.map((file) => readFile(`${import.meta.dirname}/${file}`, 'utf8')));
    const lines = texts.join('').split('\n').length - 1;
    assert.ok(lines < 150, `${lines} lines in ${files.join(', ')}`);
    const guide = await readFile('docs/plugins.md', 'utf8');
    assert.match(guide, new RegExp(`plugins/sites/.* ${lines} lines`));
  });
});
