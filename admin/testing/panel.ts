import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import supertest from 'supertest';
import type { Role } from '#core';
import { startTestRegister, type TestCertificate, type TestRegister, testPassword } from '#core/testing';
import { importAdminJs } from '../http/environment.ts';

/** A register with its panel, served over HTTP, and browsers without a screen to use it with. */
export interface ServedPanel {
  register: TestRegister;
  /** Keeps cookies; says that it comes from the panel's own pages. */
  browser(): PanelBrowser;
  /** A browser that is signed in as `role`. */
  signedIn(role: Role): Promise<PanelBrowser>;
}

type Agent = ReturnType<typeof supertest.agent>;

export interface PanelBrowser {
  get(path: string): supertest.Test;
  /** Posts as our own page does, unless the test says otherwise. */
  post(path: string, headers?: Record<string, string>): supertest.Test;
  signIn(email: string, password: string): supertest.Test;
  agent: Agent;
}

interface ServeOptions extends Pick<NonNullable<Parameters<typeof startTestRegister>[1]>, 'queueBoard'> {
  loginsPerMinute?: number;
  redisUrl?: string;
  /** False: as before the first bundle is made. */
  bundled?: boolean;
  /** As in production. */
  secure?: boolean;
  trustProxy?: string;
  tls?: TestCertificate;
}

/** Serves a register with its panel; the bundle is a stand-in, since nothing here runs it. */
export async function servePanel(
  plugins: Parameters<typeof startTestRegister>[0],
  { loginsPerMinute = 0, redisUrl, bundled = true, secure = false, ...served }: ServeOptions = {},
): Promise<ServedPanel> {
  await importAdminJs();
  const { createPanel } = await import('../panel.ts');
  const file = bundled ? fileURLToPath(import.meta.url) : undefined;
  const bundle = { file: () => file, why: () => 'It is being prepared.' };
  const register = await startTestRegister(plugins, {
    panel: (kernel) => createPanel(kernel, { secure, loginsPerMinute, redisUrl }, bundle),
    ...served,
  });
  const ca = served.tls && (await readFile(served.tls.cert));
  function browser(): PanelBrowser {
    const agent = supertest.agent(register.url, { ca });
    const post = (path: string, headers: Record<string, string> = { Origin: register.url }) =>
      agent.post(path).set(headers);
    return {
      agent,
      post,
      get: (path) => agent.get(path),
      signIn: (email, password) => post('/admin/login').type('form').send({ email, password }),
    };
  }
  return {
    register,
    browser,
    async signedIn(role) {
      const user = browser();
      await user.signIn(`${role}@test.local`, testPassword).expect(303);
      return user;
    },
  };
}
