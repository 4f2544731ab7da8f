import { fileURLToPath } from 'node:url';
import supertest from 'supertest';
import type { Role } from '#core';
import { startTestRegister, type TestRegister, testPassword } from '#core/testing';
import { createPanel } from '../panel.ts';

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

/** Serves a register with its panel; the bundle is a stand-in, since nothing here runs it. */
export async function servePanel(
  plugins: Parameters<typeof startTestRegister>[0],
  options: { loginsPerMinute?: number; bundle?: string | undefined } = {
    bundle: fileURLToPath(import.meta.url),
  },
): Promise<ServedPanel> {
  const { loginsPerMinute = 0, bundle } = options;
  const register = await startTestRegister(plugins, {
    panel: (kernel) =>
      createPanel(
        kernel,
        { secure: false, loginsPerMinute },
        { file: () => bundle, why: () => 'It is being prepared.' },
      ),
  });
  function browser(): PanelBrowser {
    const agent = supertest.agent(register.url);
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
