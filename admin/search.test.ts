import assert from 'node:assert/strict';
import { kernelErrors, type PanelKernel, panelSearch } from '#core';
import type { RegisterResource } from './resource/resource.ts';
import { createSearch } from './search.ts';

const found = {
  items: [
    { entity: 'rack', id: 7, title: 'A4', context: { site: 'Oslo', height: '42' }, matched: 'name' },
    { entity: 'unseen', id: 8, title: 'B', context: {}, matched: 'name' },
  ],
  nextCursor: null,
  cut: ['rack'],
};
const columns = new Map([
  ['siteId', {}],
  ['height', {}],
]);
const racks = [{ view: { entity: 'rack', name: 'Rack', columns } }] as unknown as RegisterResource[];
const user = { currentAdmin: { principal: { role: 'viewer' }, requestId: 'r', address: '192.0.2.1' } };

function kernelOf(
  invoke: (call: object) => Promise<unknown>,
  path: string | undefined = '/find',
): PanelKernel {
  return {
    registry: { routes: [{ method: 'get', path: '/find' }] },
    extensions: (point: unknown) => (point === panelSearch && path ? [{ path }] : []),
    invoke,
  } as unknown as PanelKernel;
}

describe('the panel’s search', () => {
  it('asks the route of the plugin that searches, as the person, and tells where the panel shows what was found', async () => {
    const asked: object[] = [];
    const search = createSearch(
      kernelOf(async (call) => {
        asked.push(call);
        return found;
      }),
      racks,
    );
    const reply = await search?.({ query: { q: 'a4', cursor: 'c' } }, {}, user);
    assert.deepEqual(asked, [
      {
        route: { method: 'get', path: '/find' },
        query: { q: 'a4', cursor: 'c' },
        ...user.currentAdmin,
      },
    ]);
    assert.deepEqual(reply?.cut, ['Rack']);
    assert.deepEqual(
      reply?.items.map(({ model, context }) => [model, context]),
      [
        [
          'Rack',
          [
            ['siteId', 'Oslo'],
            ['height', '42'],
          ],
        ],
        [undefined, []],
      ],
    );
  });

  it('says what the route says is wrong, and asks nothing for nobody or for nothing', async () => {
    const search = createSearch(
      kernelOf(async () => {
        throw kernelErrors.notFound('Too long.');
      }),
      racks,
    );
    assert.equal((await search?.({ query: { q: 'x' } }, {}, user))?.fault, 'Too long.');
    assert.deepEqual(await search?.({ query: { q: ' ' } }, {}, user), {
      items: [],
      nextCursor: null,
      cut: [],
    });
    assert.deepEqual((await search?.({ query: { q: 'x' } }, {}, {}))?.items, []);
  });

  it('is not there where no plugin searches', () => {
    assert.equal(
      createSearch(
        kernelOf(async () => found, ''),
        racks,
      ),
      undefined,
    );
    assert.equal(
      createSearch(
        kernelOf(async () => found, '/other'),
        racks,
      ),
      undefined,
    );
  });
});
