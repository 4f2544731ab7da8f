import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { builtInPlugins } from '#config/plugins';
import { preparePanel } from './admin/index.ts';
import { openBrowser, type TestBrowser } from './admin/testing/browser.ts';
import { createLog } from './core/log/log.ts';
import { startTestRegister, type TestRegister, testCaller } from './core/testing/register.ts';
import { users } from './plugins/users/index.ts';

const password = 'correct horse battery staple 9';
/** Where screenshots are kept, if anywhere. */
const shots = process.env.SCREENSHOTS;

describe('the search box of the panel, in a browser', () => {
  let register: TestRegister;
  let browser: TestBrowser;
  let page: Page;

  before(async () => {
    const log = createLog('silent');
    const panel = await preparePanel({ secure: false, loginsPerMinute: 0, dataDir: '.cadastre/test', log });
    register = await startTestRegister([...builtInPlugins], { panel });
    for (const role of ['admin', 'viewer'] as const)
      await register.host.api(users).createUser((work) => register.host.transact(testCaller(), work), {
        email: `${role}@halden.example`,
        password,
        role,
        active: true,
        mustChangePassword: false,
      });
    const api = register.as('engineer');
    await api.post('/subnets', { cidr: '10.1.0.0/24', name: 'Office Oslo' });
    await api.post('/addresses', { address: '10.1.0.10', hostname: 'printer-7.oslo.halden.example' });
    await untilBundled();
  });
  after(() => register.stop());
  afterEach(async () => {
    const { troubles } = browser;
    await browser.close();
    assert.deepEqual(troubles, [], 'nothing went wrong in the browser');
  });

  async function untilBundled(): Promise<void> {
    for (let tries = 0; tries < 120; tries += 1) {
      const { status } = await fetch(`${register.url}/admin/login`);
      if (status === 200) return;
      await new Promise((wake) => setTimeout(wake, 500));
    }
    throw new Error('The panel was not bundled within a minute.');
  }

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
