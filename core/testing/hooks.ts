import { stopTestServer } from './server.ts';

/** Loaded by mocha before any test: the tests' own PostgreSQL, started by the first that needs it, ends with the last. */
export const mochaHooks = { afterAll: stopTestServer };
