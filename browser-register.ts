import { users } from '#config/plugins';
import { preparePanel } from './admin/index.ts';
import type { Role } from './core/auth/principal.ts';
import { createLog } from './core/log/log.ts';
import type { AnyPlugin } from './core/plugin/define.ts';
import { startTestRegister, type TestRegister, testCaller } from './core/testing/register.ts';

/** The password of all whom a browser signs in as. */
export const browserPassword = 'correct horse battery staple 9';

/** A register with the panel, which may still be bundled, and with a user `<role>@halden.example` of each role. */
export async function startBrowserRegister(
  plugins: readonly AnyPlugin[],
  roles: readonly Role[],
): Promise<TestRegister> {
  const log = createLog('silent');
  const panel = await preparePanel({ secure: false, loginsPerMinute: 0, dataDir: '.cadastre/test', log });
  const register = await startTestRegister(plugins, { panel });
  for (const role of roles) {
    await register.host.api(users).createUser((work) => register.host.transact(testCaller(), work), {
      email: `${role}@halden.example`,
      password: browserPassword,
      role,
      active: true,
      mustChangePassword: false,
    });
  }
  return register;
}

/** Resolves once the panel is served; throws where that takes longer than so many seconds. */
export async function untilBundled({ url }: TestRegister, seconds = 60): Promise<void> {
  for (let tries = 0; tries < 2 * seconds; tries += 1) {
    if ((await fetch(`${url}/admin/login`)).status === 200) return;
    await new Promise((wake) => setTimeout(wake, 500));
  }
  throw new Error(`The panel was not bundled within ${seconds} seconds.`);
}
