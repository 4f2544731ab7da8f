import assert from 'node:assert/strict';
import {
  type CardContent,
  type DashboardCard,
  dashboardCards,
  kernelErrors,
  type PanelKernel,
  type Role,
} from '#core';
import { createDashboard } from './dashboard.ts';

const nothing: CardContent = { kind: 'figures', figures: [] };

/** A dashboard of these cards; a permission names the least of the roles that may see them. */
function dashboardOf(cards: readonly Partial<DashboardCard>[], timing = {}) {
  const logged: unknown[] = [];
  const filled = cards.map((card) => ({
    title: 'Card',
    width: 'half',
    permission: 'viewer',
    load: async () => nothing,
    ...card,
  }));
  const kernel = {
    registry: {
      plugins: [
        {
          name: 'subnets',
          version: '1.0.0',
          state: 'degraded',
          why: 'disk full',
          summary: '',
          builtIn: true,
        },
      ],
    },
    log: { error: (entry: unknown) => logged.push(entry) },
    permissions: {
      allows: ({ role }: { role: Role }, permission: string) => role === 'admin' || role === permission,
    },
    extensions: (point: unknown) => (point === dashboardCards ? filled : []),
  } as unknown as PanelKernel;
  const handler = createDashboard(kernel, timing);
  const as = (role: Role) => handler({}, {}, { currentAdmin: { principal: { role } } });
  return { handler, as, logged };
}

describe('the dashboard', () => {
  it('shows nobody what they may not see, and plugin health to admins alone', async () => {
    const { as, handler } = dashboardOf([{ title: 'All' }, { title: 'Some', permission: 'auditor' }]);
    const titles = async (role: Role) => (await as(role)).cards.map(({ title }) => title);
    assert.deepEqual(await titles('viewer'), ['All']);
    assert.deepEqual(await titles('auditor'), ['Some']);
    assert.deepEqual(await titles('admin'), ['All', 'Some', 'Plugins']);
    assert.deepEqual((await handler({}, {}, {})).cards, []);
    const { content } = (await as('admin')).cards[2] ?? {};
    assert.ok(content?.kind === 'table');
    assert.deepEqual(content.rows[0]?.cells, {
      name: 'subnets',
      version: '1.0.0',
      state: 'degraded',
      why: 'disk full',
    });
  });

  it('has of two cards with one title the later one, for whoever may see it', async () => {
    const { as } = dashboardOf([
      { title: 'News', width: 'full' },
      { title: 'Other' },
      { title: 'News', permission: 'auditor' },
    ]);
    const shown = async (role: Role) => (await as(role)).cards.map(({ title, width }) => `${title} ${width}`);
    assert.deepEqual(await shown('viewer'), ['News full', 'Other half']);
    assert.deepEqual((await shown('admin')).slice(0, 2), ['News half', 'Other half']);
  });

  it('says on a card alone that it failed: a problem in its words, a fault of ours in none', async () => {
    const { as, logged } = dashboardOf(
      [
        { title: 'Good' },
        { title: 'Bad', load: () => Promise.reject(new Error('password=hunter2')) },
        { title: 'Away', load: () => Promise.reject(kernelErrors.notFound('There is no such thing.')) },
        { title: 'Late', load: () => new Promise(() => undefined) },
      ],
      { patience: 20 },
    );
    const [good, bad, away, late] = (await as('viewer')).cards;
    assert.deepEqual(good?.content, nothing);
    assert.equal(bad?.error, 'This could not be loaded. The server log says why.');
    assert.equal(away?.error, 'This could not be loaded. There is no such thing.');
    assert.match(String(late?.error), /could not be loaded/);
    assert.equal(logged.length, 3);
  });

  it('loads a card once for all who look within a while, but not again what failed', async () => {
    let loads = 0;
    let tries = 0;
    const { as } = dashboardOf(
      [
        {
          title: 'Kept',
          load: async () => ({ kind: 'figures', figures: [{ label: 'Loads', value: ++loads }] }),
        },
        { title: 'Failing', load: async () => assert.fail(`Try ${++tries}`) },
      ],
      { keep: 50 },
    );
    await Promise.all([as('viewer'), as('viewer'), as('admin')]);
    assert.deepEqual([loads, tries], [1, 1]);
    await as('viewer');
    assert.deepEqual([loads, tries], [1, 2]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    await as('viewer');
    assert.equal(loads, 2);
  });
});
