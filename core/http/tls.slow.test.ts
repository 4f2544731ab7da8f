import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { keptLog, startTestRegister, testCertificate } from '../testing/index.ts';

describe("a certificate's files", () => {
  it('are read again by themselves when they change', async () => {
    const certificate = await testCertificate('first');
    const { log, lines } = keptLog();
    const register = await startTestRegister([], { tls: certificate, log });
    await sleep(1_000);
    await certificate.renew('second');
    const until = Date.now() + 25_000;
    while (!lines.some(({ msg }) => msg === 'the certificate was read')) {
      assert.ok(Date.now() < until);
      await sleep(200);
    }
    await register.stop();
    await certificate.remove();
  }).timeout(40_000);
});
