export { type TestDatabase, testDatabase } from './database.ts';
export { type Client, startTestRegister, type TestRegister, testCaller } from './register.ts';
export { stopTestServer } from './server.ts';
