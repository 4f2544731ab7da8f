import { stopTestServer, testServerUrl } from './server.ts';

/** Loaded by mocha before any test, once for all its processes: holds the tests' own PostgreSQL from the first test to the last. */
export async function mochaGlobalSetup(): Promise<void> {
  await testServerUrl();
}

export const mochaGlobalTeardown = stopTestServer;
