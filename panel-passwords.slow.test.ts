import assert from 'node:assert/strict';
import { users } from '#config/plugins';
import { openBrowser, type TestBrowser } from './admin/testing/browser.ts';
import { startBrowserRegister, untilBundled } from './browser-register.ts';
import { type TestRegister, testCaller } from './core/testing/register.ts';

const email = 'ada@halden.example';
const password = 'engines need no sleep';

describe('passwords in a browser', () => {
  let register: TestRegister;
  let browser: TestBrowser;

  before(async () => {
    register = await startBrowserRegister([users], []);
    await untilBundled(register);
    browser = await openBrowser(register.url, { answersExpected: [401, 422] });
  });
  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  it('are changed on the way in, and chosen anew by a link whose token no server sees', async () => {
    const { page, troubles } = browser;
    const ada = await register.host
      .api(users)
      .createUser((work) => register.host.transact(testCaller(), work), {
        email,
        role: 'admin',
        password,
        active: true,
        mustChangePassword: true,
      });
    const signIn = async (given: string) => {
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').fill(given);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    const choose = async (next: string, repeated = next) => {
      await page.getByLabel('New password', { exact: true }).fill(next);
      await page.getByLabel('New password, once more').fill(repeated);
      await page.getByRole('button', { name: 'Change the password' }).click();
    };
    await page.goto(`${register.url}/admin/`);
    await signIn(password);
    await page.getByLabel('Current password').fill(password);
    await choose('frequencies that hop', 'frequencies that hip');
    await page.getByText('The new password was not repeated as it is; write it twice.').waitFor();
    await page.getByLabel('Current password').fill(password);
    await choose('frequencies that hop');
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    await page.getByRole('link', { name: email }).click();
    await page.getByLabel('Current password').waitFor();

    const { body } = await register.as('admin').post(`/users/${ada.id}/password-reset`);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${register.url}/admin/reset#${body.token}`);
    await choose('Password1234');
    await page.getByText('It is made of what anyone would try first').waitFor();
    await choose('a third and last sentence');
    await page.getByLabel('E-mail address').waitFor();
    await signIn('a third and last sentence');
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    assert.ok(asked.every((url) => !url.split('#')[0]?.includes(body.token)));
    assert.deepEqual(troubles, []);
  }).timeout(120_000);
});
