import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { builtInPlugins } from '#config/plugins';
import { openBrowser, type TestBrowser } from './admin/testing/browser.ts';
import { circuits } from './admin/testing/throwaway.ts';
import { browserPassword as password, startBrowserRegister, untilBundled } from './browser-register.ts';
import type { TestRegister } from './core/testing/register.ts';

const roles = ['admin', 'engineer', 'auditor', 'viewer'] as const;
/** Where screenshots are kept, if anywhere. */
const shots = process.env.SCREENSHOTS;

describe('the panel in a browser', () => {
  let register: TestRegister;
  let browser: TestBrowser;
  let page: Page;

  before(async () => {
    register = await startBrowserRegister([...builtInPlugins, circuits], roles);
    if (shots) await mkdir(shots, { recursive: true });
    await untilBundled(register);
    const api = register.as('engineer');
    await api.post('/subnets', { cidr: '10.0.0.0/8', status: 'container', name: 'Halden' });
    await api.post('/subnets', { cidr: '10.1.0.0/24', name: 'Office Oslo' });
    await api.post('/subnets', { cidr: '10.2.0.0/24', name: 'Lab Bergen' });
    await api.post('/subnets', { cidr: '192.0.2.0/24', name: 'Edge' });
    await api.post('/addresses', { address: '10.1.0.10', hostname: 'printer-7.oslo.halden.example' });
    await api.post('/addresses', { address: '10.1.0.11', hostname: 'camera-2.oslo.halden.example' });
  });
  after(() => register.stop());

  beforeEach(async () => {
    // 403 and 401 are what some tests are about; the console tells of every one.
    browser = await openBrowser(register.url, { answersExpected: [401, 403] });
    page = browser.page;
  });
  afterEach(async function () {
    if (shots && this.currentTest?.state === 'failed') await page.screenshot({ path: `${shots}/failed.png` });
    const { troubles } = browser;
    await browser.close();
    assert.deepEqual(troubles, [], 'nothing went wrong in the browser');
  });

  async function signIn(role: (typeof roles)[number]): Promise<void> {
    await page.goto(`${register.url}/admin/login`);
    await page.getByLabel('E-mail address').fill(`${role}@halden.example`);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  }

  const open = (path: string) => page.goto(`${register.url}/admin/resources/${path}`);
  const row = (text: string) => page.locator('tbody tr', { hasText: text });

  for (const role of roles) {
    it(`shows ${role} the dashboard, and subnets filtered by block and by a part of the name`, async () => {
      await signIn(role);
      await page.getByText('Address space').first().waitFor();
      await open('Subnet?filters.cidr=10.0.0.0%2F8&filters.name=oslo');
      await row('10.1.0.0/24').waitFor();
      assert.equal(await page.locator('tbody tr').count(), 1);
      const mayCreate = role === 'admin' || role === 'engineer';
      assert.equal(await page.getByRole('link', { name: /New subnet/ }).count(), mayCreate ? 1 : 0);
    });
  }

  it('says which network was probably meant by an address with host bits, and then makes it', async () => {
    await signIn('engineer');
    await open('Subnet/actions/new');
    assert.equal(await page.getByLabel('Status').inputValue(), 'active');
    await page.getByLabel('CIDR').fill('10.3.0.5/24');
    await page.getByLabel('Metadata').fill('{"rack": }');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('This is not JSON').waitFor();
    await page.getByLabel('Metadata').fill('{"rack": 4}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('did you mean 10.3.0.0/24').first().waitFor();
    await page.getByLabel('CIDR').fill('10.3.0.0/24');
    await page.getByRole('button', { name: 'Save' }).click();
    await row('10.3.0.0/24').waitFor();
    const { body } = await register.as('viewer').get('/subnets?cidr=10.3.0.0/24');
    assert.deepEqual(body.items[0].metadata, { rack: 4 });
    assert.match(body.items[0].createdBy, /^user:\d+$/);
  });

  it('refuses to delete a subnet that holds addresses, and says how many', async () => {
    await signIn('admin');
    const { body } = await register.as('viewer').get('/subnets?cidr=10.1.0.0/24');
    await open(`Subnet/records/${body.items[0].id}/show`);
    await page.getByText('Office Oslo').first().waitFor();
    await page.getByText('Delete', { exact: true }).first().click();
    await page
      .getByRole('button', { name: /confirm|delete|yes/i })
      .last()
      .click();
    await page.getByText('2 addresses').first().waitFor();
    await register.as('viewer').get(`/subnets/${body.items[0].id}`);
  });

  it('changes several records at once', async () => {
    await signIn('engineer');
    await open('Subnet?filters.cidr=10.0.0.0%2F8');
    await row('10.1.0.0/24').waitFor();
    for (const cidr of ['10.1.0.0/24', '10.2.0.0/24']) {
      await row(cidr).locator('input[type=checkbox]').click();
    }
    await page.getByText('2 selected').first().waitFor();
    await page.getByText('Edit selected').first().click();
    await page.getByText('Change Description').click();
    await page.getByLabel('Description', { exact: true }).fill('moves in March');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('moves in March').first().waitFor();
    const { body } = await register.as('viewer').get('/subnets?description=moves in March');
    assert.equal(body.items.length, 2);
  });

  it('finds an address by a part of its hostname', async () => {
    await signIn('viewer');
    await open('Address?filters.hostname=PRINTER');
    await row('10.1.0.10').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 1);
    await row('10.1.0.10').click();
    await page.getByText('printer-7.oslo.halden.example').first().waitFor();
  });

  it('edits metadata, told what is wrong with it, and keeps the rest', async () => {
    const { body } = await register.as('viewer').get('/subnets?cidr=192.0.2.0/24');
    const [edge] = body.items;
    await signIn('engineer');
    await open(`Subnet/records/${edge.id}/edit`);
    await page.getByLabel('Metadata').fill('rack 7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('This is not JSON').waitFor();
    await page.getByLabel('Metadata').fill('{"rack": 7}');
    await page.getByRole('button', { name: 'Save' }).click();
    await row('192.0.2.0/24').waitFor();
    const { body: after } = await register.as('viewer').get(`/subnets/${edge.id}`);
    assert.deepEqual(
      { ...after, version: 0, updatedAt: 0, updatedBy: 0 },
      { ...edge, metadata: { rack: 7 }, version: 0, updatedAt: 0, updatedBy: 0 },
    );
  });

  it('leads from a device to its interfaces, offers each with its device, and shows what holds an address', async () => {
    const api = register.as('engineer');
    for (const name of ['osl-sw1', 'bgo-sw1']) {
      const { body } = await api.post('/devices', { name });
      await api.post(`/devices/${body.id}/interfaces`, { name: 'eth0' });
    }
    await signIn('engineer');
    await open('Device');
    await row('bgo-sw1').click();
    await page.locator('.cad-related').getByRole('link', { name: 'Interfaces' }).click();
    await row('eth0').getByRole('link', { name: 'bgo-sw1' }).waitFor();
    assert.equal(await page.locator('tbody tr').count(), 1);
    const { body } = await api.post('/addresses', { address: '10.1.0.12' });
    await open(`Address/records/${body.id}/edit`);
    await page.getByRole('combobox', { name: 'Interface' }).fill('bgo eth');
    await page.getByText('eth0 (bgo-sw1)').click();
    await page.getByRole('button', { name: 'Save' }).click();
    await row('10.1.0.12').getByRole('link', { name: 'bgo-sw1' }).waitFor();
    assert.equal(await row('10.1.0.12').getByRole('link', { name: 'eth0', exact: true }).count(), 1);
  });

  it('has pages for a plugin that it has never heard of', async () => {
    await signIn('engineer');
    await open('Carrier/actions/new');
    await page.getByLabel('Name').fill('Telia');
    await page.getByRole('button', { name: 'Save' }).click();
    await row('Telia').waitFor();
    await open('Circuit/actions/new');
    await page.getByLabel('Name').fill('Stockholm 1');
    await page.getByLabel('Prefix').fill('10.77.0.0/24');
    await page.getByLabel('Terms').fill('{"years": 3}');
    await page.getByLabel('Carrier').fill('Tel');
    await page.getByText('Telia').last().click();
    await page.getByRole('button', { name: 'Save' }).click();
    await row('Stockholm 1').waitFor();
    await open('Circuit?filters.prefix=10.0.0.0%2F8');
    await row('10.77.0.0/24').getByText('Telia').waitFor();
    const rows = await register.db.query('SELECT name, terms FROM circuit');
    assert.deepEqual(rows, [{ name: 'Stockholm 1', terms: { years: 3 } }]);
  });

  it('shows the audit log with what was and became, and leads from a record to what became of it', async () => {
    const api = register.as('engineer');
    const { body } = await api.get('/addresses?address=10.1.0.11');
    await api.patch(`/addresses/${body.items[0].id}`, { hostname: 'camera-3.oslo.halden.example' });
    await signIn('auditor');
    await open(`Address/records/${body.items[0].id}/show`);
    await page
      .getByRole('link', { name: 'History' })
      .or(page.getByRole('button', { name: 'History' }))
      .first()
      .click();
    await row('update').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 2);
    await row('update').getByRole('link', { name: '10.1.0.11' }).click();
    const line = page.locator('tr', { has: page.getByRole('rowheader', { name: 'hostname' }) });
    await line.waitFor();
    assert.deepEqual(await line.getByRole('cell').allInnerTexts(), [
      'camera-2.oslo.halden.example',
      'camera-3.oslo.halden.example',
    ]);
    assert.equal(await page.getByRole('link', { name: 'Edit' }).count(), 0, 'it is there to be read');
    if (shots) await page.screenshot({ path: `${shots}/audit.png` });
  });

  it('signs out', async () => {
    await signIn('viewer');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('E-mail address').waitFor();
    await open('Subnet');
    await page.getByLabel('E-mail address').waitFor();
  });

  it('refuses a viewer by the server, not only by hiding the button', async () => {
    await signIn('viewer');
    const status = await page.evaluate(async () => {
      const body = new FormData();
      body.set('cidr', '10.9.0.0/24');
      return (await fetch('/admin/api/resources/Subnet/actions/new', { method: 'POST', body })).status;
    });
    assert.equal(status, 403);
  });

  it('runs no script that somebody wrote into a name, wherever it is shown', async () => {
    const script =
      '</script><script>window.taken=1</script><img src=x onerror="window.taken=1">{{window.taken=1}}';
    const api = register.as('admin');
    const { body: subnet } = await api.post('/subnets', { cidr: '198.51.100.0/24', name: script });
    const email = 'script@halden.example';
    await api.post('/users', { email, password, name: script, role: 'admin' });
    await api.patch('/subnets/1', { monitored: true });
    await page.goto(`${register.url}/admin/login`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    await open('Subnet?filters.name=window');
    await row('198.51.100.0/24').getByText('window.taken').waitFor();
    await open(`Subnet/records/${subnet.id}/show`);
    await page.getByText('window.taken').first().waitFor();
    await open(`Subnet/records/${subnet.id}/edit`);
    await page.getByLabel('Name').waitFor();
    await open('User');
    await row(email).waitFor();
    assert.equal(await page.evaluate('window.taken'), undefined);
    await api.delete(`/subnets/${subnet.id}`);
  });

  it('shows labels in the colours of their tags, readable in both schemes, and gives a tag its colour', async () => {
    const api = register.as('engineer');
    await api.post('/tags', [
      { name: 'pale', color: '#ffd54f' },
      { name: 'deep', color: '#17212b' },
    ]);
    const { body } = await api.get('/subnets?cidr=10.2.0.0/24');
    await api.patch(`/subnets/${body.items[0].id}`, { tags: ['pale', 'deep', 'free'] });
    await signIn('engineer');
    for (const scheme of ['light', 'dark']) {
      await page.context().addCookies([{ name: 'cadastre_theme', value: scheme, url: register.url }]);
      await open(`Subnet/records/${body.items[0].id}/show`);
      const drawn = (label: string) =>
        page
          .locator('.cad-tag', { hasText: label })
          .first()
          .evaluate((chip) => {
            const { color, backgroundColor } = getComputedStyle(chip);
            return [color, backgroundColor];
          });
      assert.deepEqual(await drawn('pale'), ['rgb(0, 0, 0)', 'rgb(255, 213, 79)'], scheme);
      assert.deepEqual(await drawn('deep'), ['rgb(255, 255, 255)', 'rgb(23, 33, 43)'], scheme);
      assert.equal((await drawn('free'))[1], 'rgba(0, 0, 0, 0)', scheme);
      if (shots) await page.screenshot({ path: `${shots}/tags-${scheme}.png` });
    }
    await open('Subnet?filters.name=bergen');
    const listed = row('10.2.0.0/24').locator('.cad-tag', { hasText: 'pale' });
    await listed.waitFor();
    assert.equal(
      await listed.evaluate((chip) => getComputedStyle(chip).backgroundColor),
      'rgb(255, 213, 79)',
    );
    if (shots) await page.screenshot({ path: `${shots}/tags-listed.png` });
    await open('Tag/actions/new');
    assert.equal(await page.getByLabel('Colour').inputValue(), '#64748b');
    await page.getByLabel('Name').fill('lab');
    await page.getByLabel('Colour').fill('#146035');
    await page.getByRole('button', { name: 'Save' }).click();
    await row('lab').getByText('#146035').waitFor();
    const made = await register.as('viewer').get('/tags?name=lab');
    assert.deepEqual([made.body.items[0].color, made.body.items[0].inherited], ['#146035', false]);
    if (shots) await page.screenshot({ path: `${shots}/tag-list.png` });
  });

  it('stays light or dark as chosen', async () => {
    await signIn('auditor');
    await page.getByRole('button', { name: /dark theme/ }).click();
    await page.reload();
    await page.getByRole('button', { name: /light theme/ }).waitFor();
  });
});
