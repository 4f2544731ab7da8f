import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { builtInPlugins } from '#config/plugins';
import { openBrowser, type TestBrowser } from './admin/testing/browser.ts';
import { browserPassword as password, startBrowserRegister, untilBundled } from './browser-register.ts';
import type { TestRegister } from './core/testing/register.ts';

/** Where screenshots are kept, if anywhere. */
const shots = process.env.SCREENSHOTS;

describe('custom fields in a browser', () => {
  let register: TestRegister;
  let browser: TestBrowser;
  let page: Page;

  before(async () => {
    register = await startBrowserRegister(builtInPlugins, ['admin', 'engineer']);
    await untilBundled(register, 120);
  });
  after(() => register.stop());

  beforeEach(async () => {
    browser = await openBrowser(register.url);
    page = browser.page;
  });
  afterEach(async function () {
    if (shots)
      await page.screenshot({ path: `${shots}/${this.currentTest?.title.slice(0, 30)}.png`, fullPage: true });
    const { troubles } = browser;
    await browser.close();
    assert.deepEqual(troubles, [], 'nothing went wrong in the browser');
  });

  async function signIn(role: 'admin' | 'engineer'): Promise<void> {
    await page.goto(`${register.url}/admin/login`);
    await page.getByLabel('E-mail address').fill(`${role}@halden.example`);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  }
  const open = (path: string) => page.goto(`${register.url}/admin/resources/${path}`);
  const save = () => page.getByRole('button', { name: 'Save' }).click();
  const field = (label: string) => page.getByLabel(label);
  async function subnetOf(cidr: string) {
    const { body } = await register.as('viewer').get(`/subnets?cidr=${cidr}`);
    return body.items[0] as { id: number; customFields: Record<string, unknown> };
  }

  it('are defined by an admin, told what does not go together', async () => {
    await signIn('admin');
    await open('CustomField/actions/new');
    await field('Model').fill('subnet');
    await field('Name').fill('tier');
    await field('Type').selectOption('select');
    await page.getByText('Required', { exact: true }).click();
    await save();
    await page.getByText('A select has at least one option.').first().waitFor();
    await field('Options').fill('gold, tin');
    await field('Default').fill('"lead"');
    await save();
    await page.getByText('"lead" is no choice').first().waitFor();
    await field('Default').fill('"tin"');
    await save();
    await page.locator('tbody tr', { hasText: 'tier' }).waitFor();
    const { body } = await register.as('viewer').get('/custom-fields');
    assert.deepEqual(
      body.items.map(({ name, options, default: initial, required }: Record<string, unknown>) => [
        name,
        options,
        initial,
        required,
      ]),
      [['tier', ['gold', 'tin'], 'tin', true]],
    );
  });

  it('are asked for by a form, each as what it is, and wrong values are told at the field', async () => {
    await register.as('admin').post('/custom-fields', [
      { model: 'subnet', name: 'costCentre', type: 'text', pattern: '^CC-[0-9]+$', required: true },
      { model: 'subnet', name: 'height', label: 'Height (U)', type: 'number', maximum: 48 },
      { model: 'subnet', name: 'audited', type: 'boolean' },
      { model: 'subnet', name: 'until', type: 'date' },
      { model: 'subnet', name: 'wiki', type: 'url' },
      { model: 'subnet', name: 'uplink', type: 'cidr' },
    ]);
    await signIn('engineer');
    await open('Subnet/actions/new');
    await field('CIDR').fill('10.0.0.0/24');
    assert.equal(await field('Tier').inputValue(), 'tin');
    await field('Cost centre').fill('twelve');
    await field('Height (U)').fill('50.5');
    await field('Audited').check();
    await field('Until').fill('2027-03-01');
    await field('Wiki').fill('javascript:alert(1)');
    await field('Uplink').fill('10.0.0.1/8');
    await save();
    for (const [label, message] of [
      ['Cost centre', '"twelve" does not match the pattern ^CC-[0-9]+$.'],
      ['Height (U)', 'It must be at most 48.'],
      ['Wiki', '"javascript:alert(1)" is no URL'],
      ['Uplink', 'did you mean 10.0.0.0/8?'],
    ] as const) {
      const of = page.locator('.cad-field', { has: page.getByText(label, { exact: true }) });
      await of.getByText(message).waitFor();
    }
    if (shots) await page.screenshot({ path: `${shots}/fields-refused.png`, fullPage: true });
    await field('Cost centre').fill('CC-12');
    await field('Height (U)').fill('4.05');
    await field('Wiki').fill('https://wiki.halden.example/racks');
    await field('Uplink').fill('10.0.0.0/8');
    await save();
    await page.locator('tbody tr', { hasText: '10.0.0.0/24' }).waitFor();
    assert.deepEqual((await subnetOf('10.0.0.0/24')).customFields, {
      tier: 'tin',
      costCentre: 'CC-12',
      height: 4.05,
      audited: true,
      until: '2027-03-01',
      wiki: 'https://wiki.halden.example/racks',
      uplink: '10.0.0.0/8',
    });
  });

  it('are shown by their labels, changed one by one, and taken away', async () => {
    const { id } = await subnetOf('10.0.0.0/24');
    await signIn('engineer');
    await open(`Subnet/records/${id}/show`);
    const values = page.locator('.cad-values');
    await values.getByText('Height (U)').waitFor();
    const link = page.getByRole('link', { name: 'https://wiki.halden.example/racks' });
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
    if (shots) await page.screenshot({ path: `${shots}/fields-shown.png`, fullPage: true });
    await open(`Subnet/records/${id}/edit`);
    assert.equal(await field('Cost centre').inputValue(), 'CC-12');
    assert.deepEqual(
      await field('Tier').locator('option').allInnerTexts(),
      ['gold', 'tin'],
      'as they were written',
    );
    await field('Tier').selectOption('gold');
    await field('Height (U)').fill('');
    await field('Audited').uncheck();
    await save();
    await page.locator('tbody tr', { hasText: '10.0.0.0/24' }).waitFor();
    const { customFields } = await subnetOf('10.0.0.0/24');
    assert.deepEqual(
      [customFields.tier, customFields.audited, customFields.costCentre, 'height' in customFields],
      ['gold', false, 'CC-12', false],
    );
    await open(`Subnet/records/${id}/edit`);
    await field('Cost centre').fill('');
    await save();
    assert.ok(await field('Cost centre').evaluate((input) => input.matches(':invalid')));
  });

  it('made required later keep nobody from changing an old record', async () => {
    const { body: old } = await register.as('engineer').post('/vrfs', { name: 'old' });
    await register.as('admin').post('/custom-fields', {
      model: 'vrf',
      name: 'owner',
      type: 'text',
      required: true,
    });
    await signIn('engineer');
    await open(`Vrf/records/${old.id}/edit`);
    await field('Owner').waitFor();
    await field('Description').fill('As before');
    await save();
    await page.locator('tbody tr', { hasText: 'As before' }).waitFor();
    await open('Vrf/actions/new');
    await field('Name').fill('new');
    await field('Owner').waitFor();
    await save();
    assert.ok(await field('Owner').evaluate((input) => input.matches(':invalid')), 'the browser asks for it');
    await field('Owner').fill('Ada');
    await save();
    await page.locator('tbody tr', { hasText: 'new' }).waitFor();
  });
});
