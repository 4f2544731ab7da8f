import assert from 'node:assert/strict';
import pg from 'pg';
import { builtInPlugins } from '#config/plugins';
import { type Explainer, openExplainer, startTestRegister, type TestRegister } from '#core/testing';
import { fillLog, logLines, logQuestions } from './bench/harness/log.ts';

/** Milliseconds, the middle of several tries. */
const allowed = 50;
const tries = 7;

describe(`an audit log of ${logLines.toLocaleString('en')} lines`, function () {
  this.timeout(1_800_000);
  let register: TestRegister;
  let explainer: Explainer;
  before(async () => {
    register = await startTestRegister(builtInPlugins);
    // Without the timeouts of the product, for loading.
    const database = new pg.Client({ connectionString: register.databaseUrl });
    await database.connect();
    await fillLog(database, logLines).finally(() => database.end());
    explainer = await openExplainer(register.databaseUrl);
  });
  after(async () => {
    await explainer?.end();
    await register?.stop();
  });

  for (const [what, question] of Object.entries(logQuestions(logLines))) {
    it(`answers what is asked ${what} by an index, within ${allowed} ms`, async () => {
      const times: number[] = [];
      for (let n = 0; n < tries; n += 1) {
        const began = performance.now();
        const { status, text } = await register.as('auditor').get(`/audit-logs?${question}`);
        times.push(performance.now() - began);
        assert.equal(status, 200, text);
      }
      times.sort((a, b) => a - b);
      const middle = times[Math.floor(tries / 2)] ?? Number.POSITIVE_INFINITY;
      assert.ok(middle <= allowed, `${Math.round(middle)} ms`);
    });
  }
});
