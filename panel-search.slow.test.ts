import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { builtInPlugins } from '#config/plugins';
import { openBrowser, type TestBrowser } from './admin/testing/browser.ts';
import { browserPassword as password, startBrowserRegister, untilBundled } from './browser-register.ts';
import type { TestRegister } from './core/testing/register.ts';

/** Where screenshots are kept, if anywhere. */
const shots = process.env.SCREENSHOTS;

describe('the search box of the panel, in a browser', () => {
  let register: TestRegister;
  let browser: TestBrowser;
  let page: Page;

  before(async () => {
    register = await startBrowserRegister(builtInPlugins, ['admin', 'viewer']);
    const api = register.as('engineer');
    await api.post('/subnets', { cidr: '10.1.0.0/24', name: 'Office Oslo' });
    await api.post('/addresses', { address: '10.1.0.10', hostname: 'printer-7.oslo.halden.example' });
    await untilBundled(register);
  });
  after(() => register.stop());
  afterEach(async () => {
    const { troubles } = browser;
    await browser.close();
    assert.deepEqual(troubles, [], 'nothing went wrong in the browser');
  });

  async function signIn(role: 'admin' | 'viewer', colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
    browser = await openBrowser(register.url, { colorScheme });
    page = browser.page;
    await page.goto(`${register.url}/admin/login`);
    await page.getByLabel('E-mail address').fill(`${role}@halden.example`);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  }

  async function search(text: string): Promise<void> {
    await page.locator('body').press('/');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Search: ${text}` }).waitFor();
  }
  const results = () => page.getByRole('region', { name: 'Results' }).locator('tbody tr');

  it('is reached by the key /, and leads from what was found to its record, and back', async () => {
    await signIn('viewer');
    await search('10.1.0.10');
    await results().first().waitFor();
    assert.match(
      (await results().allInnerTexts()).join(' | '),
      /10\.1\.0\.10.*oslo.* \| .*10\.1\.0\.0\/24.*Office Oslo/s,
    );
    if (shots) await page.screenshot({ path: `${shots}/search.png` });
    await page.getByRole('link', { name: '10.1.0.10' }).click();
    await page.getByText('printer-7.oslo.halden.example').first().waitFor();
    await page.goBack();
    await results().first().waitFor();
    assert.equal(await page.getByRole('searchbox').inputValue(), '10.1.0.10');
  });

  it('finds nothing that the role may not read, and says what can be looked for', async () => {
    await signIn('viewer');
    await search('admin@halden.example');
    await page.getByText('Nothing was found.').waitFor();
    await browser.close();
    await signIn('admin');
    await search('admin@halden.example');
    await page.getByRole('link', { name: 'admin@halden.example' }).last().waitFor();
    await results().getByText('Users').waitFor();
  });

  it('lets a / be typed where text is typed', async () => {
    await signIn('viewer');
    await search('10.1.0.0/24');
    await results().getByText('10.1.0.0/24').first().waitFor();
  });

  it('fits a screen of 390 pixels, in the dark', async () => {
    await signIn('viewer', 'dark');
    await page.setViewportSize({ width: 390, height: 844 });
    await search('oslo');
    await results().first().waitFor();
    const width = await page.evaluate('document.documentElement.scrollWidth');
    assert.equal(width, 390);
    const box = await page.getByRole('searchbox').boundingBox();
    assert.ok(box && box.width > 300, JSON.stringify(box));
    if (shots) await page.screenshot({ path: `${shots}/search-narrow.png` });
  });
});
