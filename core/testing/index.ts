export { type TestCertificate, testCertificate } from './certificate.ts';
export { type TestDatabase, testDatabase } from './database.ts';
export { documentedOwners, errorDocFaults } from './error-docs.ts';
export { Hosts } from './hosts.ts';
export { keptLog } from './log.ts';
export { type Explainer, openExplainer } from './plans.ts';
export { startTestRedis, type TestRedis } from './redis.ts';
export { type Client, startTestRegister, type TestRegister, testCaller, testPassword } from './register.ts';
export { stopTestServer } from './server.ts';
