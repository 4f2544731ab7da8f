import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { builtInPlugins } from '#config/plugins';
import { openBrowser, type TestBrowser } from './admin/testing/browser.ts';
import { browserPassword as password, startBrowserRegister, untilBundled } from './browser-register.ts';
import type { TestRegister } from './core/testing/register.ts';
import type { Finding } from './plugins/scanner/index.ts';
import { wirePlugin } from './plugins/scanner/testing/wire.ts';

/** Where screenshots are kept, if anywhere. */
const shots = process.env.SCREENSHOTS;
const [own, other] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'] as const;
const hostile = '</script><script>window.taken=1</script><img src=x onerror="window.taken=1">.example.';

/** Who answers, by address; and whether anybody is asked behind the first half of a block. */
const network = new Map<string, Partial<Finding>>();
let gate: Promise<void> | undefined;
let openGate = () => {};
function closeGate(): void {
  gate = new Promise((open) => {
    openGate = open;
  });
}

const wire = wirePlugin({
  network,
  async asking(address, signal) {
    if (!gate || address < '10.2.4.') return;
    const stopped = new Promise<never>((_, stop) =>
      signal.addEventListener('abort', () => stop(signal.reason)),
    );
    await Promise.race([gate, stopped]);
  },
});

describe('conflicts and scans in the panel, in a browser', () => {
  let register: TestRegister;
  let browser: TestBrowser;
  let page: Page;
  let office: number;
  let plant: number;
  const api = () => register.as('admin');

  before(async () => {
    register = await startBrowserRegister([...builtInPlugins, wire], ['engineer', 'viewer']);
    office = (await api().post('/subnets', { cidr: '10.1.0.0/28', name: 'Office Oslo' })).body.id;
    plant = (await api().post('/subnets', { cidr: '10.2.0.0/21', name: 'Plant' })).body.id;
    for (const host of [2, 3, 4]) {
      await api().post('/addresses', { address: `10.1.0.${host}`, mac: own, hostname: `h${host}.example` });
      network.set(`10.1.0.${host}`, { verdict: 'alive', macs: [other], ptr: hostile });
    }
    network.set('10.1.0.9', { verdict: 'alive', macs: [own], ptr: 'printer.example.' });
    await api().post('/scans', { subnetIds: [office], mode: 'real', probes: ['wire'] });
    await register.runQueued();
    await untilBundled(register);
    browser = await openBrowser(register.url);
    page = browser.page;
    await signIn('engineer');
  });
  after(async () => {
    await browser.close();
    await register.stop();
  });
  afterEach(async function () {
    openGate();
    if (shots && this.currentTest?.state === 'failed') await page.screenshot({ path: `${shots}/failed.png` });
    assert.deepEqual(browser.troubles.splice(0), [], 'nothing went wrong in the browser');
  });

  async function signIn(role: 'engineer' | 'viewer'): Promise<void> {
    await page.goto(`${register.url}/admin/login`);
    await page.getByLabel('E-mail address').fill(`${role}@halden.example`);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  }

  const row = (text: string) => page.locator('tbody tr', { hasText: text });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const bar = () => page.getByRole('progressbar', { name: 'Progress' });
  const open = (path: string) => page.goto(`${register.url}/admin/resources/${path}`);
  const statusAt = async (address: string) => {
    const { body } = await api().get(`/addresses?address=${address}`);
    return [body.items[0].status, body.items[0].mac];
  };

  it('leads from the dashboard to a conflict, which is resolved in each of three ways', async () => {
    await page.getByRole('region', { name: 'Inbox' }).getByRole('link', { name: '3', exact: true }).click();
    const ways = [
      { address: '10.1.0.2', way: 'Accept observed', status: ['assigned', other] },
      { address: '10.1.0.3', way: 'Keep recorded', status: ['assigned', own] },
      { address: '10.1.0.4', way: 'Release', status: ['free', null] },
    ];
    for (const { address, way, status } of ways) {
      assert.deepEqual((await statusAt(address))[0], 'quarantined');
      await row(address).getByRole('link', { name: address }).first().click();
      const differs = page.locator('tr', { has: page.getByRole('rowheader', { name: 'MAC' }) });
      await differs.getByText('Differs').waitFor();
      assert.deepEqual(
        (await differs.getByRole('cell').allInnerTexts()).map((text) => text.slice(0, own.length)),
        [own, other],
      );
      await button(way).first().click();
      await page.getByLabel('Note').fill(`By ${way}.`);
      if (shots) await page.screenshot({ path: `${shots}/conflict-${way}.png` });
      await page.getByRole('form', { name: way }).getByRole('button', { name: way }).click();
      await page.getByText(/It was resolved already, by/).waitFor();
      assert.ok(await button('Release').isDisabled());
      await page.getByText(`By ${way}.`).waitFor();
      assert.deepEqual(await statusAt(address), status);
      await page.goBack();
    }
    assert.equal(await page.evaluate('window.taken'), undefined);
  });

  it('opens again what comes back, with its history, and resolves several by keyboard alone', async () => {
    await api().post('/scans', { subnetIds: [office], mode: 'real', probes: ['wire'] });
    await register.runQueued();
    await open('Conflict?filters.state=open');
    await row('10.1.0.3').click();
    await page.getByRole('region', { name: 'History' }).getByText('By Keep recorded.').waitFor();
    await page.goBack();
    await page.getByRole('checkbox', { name: 'Select 10.1.0.3' }).focus();
    await page.keyboard.press('Space');
    const act = page
      .getByRole('link', { name: 'Keep recorded' })
      .or(page.getByRole('button', { name: 'Keep recorded' }));
    await act.first().focus();
    await page.keyboard.press('Enter');
    await page.getByText('Each address stays as it is recorded').waitFor();
    await page.getByRole('button', { name: 'Keep recorded' }).last().press('Enter');
    await page.getByText('Done, for 1').waitFor();
    assert.deepEqual(await statusAt('10.1.0.3'), ['assigned', own]);
  });

  it('registers who answered unregistered, with what was observed, and shows the address', async () => {
    await open('Discovery');
    await row('10.1.0.9').getByText('printer.example').waitFor();
    await row('10.1.0.9').getByRole('link', { name: '10.1.0.9' }).first().click();
    await button('Register').click();
    await page.getByLabel('Description').fill('The one by the window');
    await page.getByRole('form', { name: 'Register' }).getByRole('button', { name: 'Register' }).click();
    await page.getByRole('heading', { name: /Address details/ }).waitFor();
    await page.getByText('The one by the window').waitFor();
    await page.getByRole('region', { name: 'Observed' }).getByText('Up').waitFor();
    assert.deepEqual(await statusAt('10.1.0.9'), ['assigned', own]);
  });

  /** Answers the run of the scan, which stands at its half. */
  async function scanPlant(): Promise<{ running: Promise<unknown> }> {
    closeGate();
    await open(`Subnet/records/${plant}/show`);
    await button('Scan now').click();
    await page.getByLabel('Mode').selectOption('real');
    await page.getByLabel('Probes').fill('wire');
    await page.getByRole('form', { name: 'Scan now' }).getByRole('button', { name: 'Scan now' }).click();
    await page.getByRole('heading', { name: /Scan details/ }).waitFor();
    const running = register.runQueued();
    await page.locator('[role=progressbar][aria-valuenow="50"]').waitFor();
    return { running };
  }

  it('scans a subnet, and the bar moves by itself until it is done', async () => {
    const { running } = await scanPlant();
    await page.locator('.cad-chip', { hasText: 'Running' }).waitFor();
    assert.match((await bar().getAttribute('aria-valuetext')) ?? '', /^50 %, 1,023 of 2,046$/);
    if (shots) await page.screenshot({ path: `${shots}/scan-running.png` });
    openGate();
    await page.locator('[role=progressbar][aria-valuenow="100"]').waitFor();
    await page.locator('.cad-chip', { hasText: 'Done' }).waitFor();
    await page.getByText('It has ended: it is done.').waitFor();
    await running;
  });

  it('goes on by asking where the stream breaks off, and cancels', async () => {
    await page.route('**/follow', (route) => route.abort());
    const { running } = await scanPlant();
    await button('Cancel the scan').click();
    await page.getByText('It stops within two seconds').waitFor();
    await page
      .getByRole('form', { name: 'Cancel the scan' })
      .getByRole('button', { name: 'Cancel the scan' })
      .click();
    await page.locator('.cad-chip', { hasText: 'Cancelled' }).waitFor();
    await page.getByText('It has ended: it is cancelled.').waitFor();
    await running;
    // That the stream was refused is what the console told.
    browser.troubles.splice(
      0,
      browser.troubles.length,
      ...browser.troubles.filter((each) => !/ERR_FAILED/.test(each)),
    );
  });

  it('tells a viewer why nothing may be done, in the dark and at 390 pixels', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('E-mail address').waitFor();
    await signIn('viewer');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 844 });
    await open('Conflict?filters.state=resolved');
    await row('10.1.0.3').getByRole('link', { name: '10.1.0.3' }).first().click();
    await page.getByText(/Your role may not do this: it takes the permission addresses:write/).waitFor();
    assert.ok(await button('Accept observed').isDisabled());
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
    if (shots) await page.screenshot({ path: `${shots}/conflict-narrow.png` });
  });
});
