import assert from 'node:assert/strict';
import pg from 'pg';
import { builtInPlugins } from '#config/plugins';
import { type Explainer, openExplainer, startTestRegister, type TestRegister } from '#core/testing';
import { fillLog, logLines, logQuestions } from './bench/harness/log.ts';
import { audit } from './plugins/audit/index.ts';

/** Milliseconds, the middle of several tries. */
const allowed = 50;
const tries = 7;

describe(`an audit log of ${logLines.toLocaleString('en')} lines`, function () {
  this.timeout(1_800_000);
  let register: TestRegister;
  let explainer: Explainer;
  /** The months that have lines: what is empty may be read from end to end. */
  let months: ReadonlySet<string>;
  before(async () => {
    register = await startTestRegister(builtInPlugins);
    // Without the timeouts of the product, for loading.
    const database = new pg.Client({ connectionString: register.databaseUrl });
    await database.connect();
    await fillLog(database, logLines).finally(() => database.end());
    const filled = await register.db.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relname LIKE 'audit_log_2%' AND relkind = 'r' AND reltuples > 0",
    );
    months = new Set(filled.map(({ name }) => name));
    explainer = await openExplainer(register.databaseUrl);
    // A small log is sooner read from end to end than by forty indexes; that there is one for each question is what matters.
    if (logLines < 5_000_000) await explainer.plansOf((query) => query('SET enable_seqscan = off'));
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
      const { log } = register.host.api(audit).lists;
      const asked = log.query.parse(Object.fromEntries(new URLSearchParams(question)));
      const { scanned, indexes } = await explainer.plansOf((query) => log.run(query, asked));
      assert.deepEqual(
        [...scanned].filter((table) => months.has(table)),
        [],
      );
      assert.ok(indexes.size > 0);
      times.sort((a, b) => a - b);
      const middle = times[Math.floor(tries / 2)] ?? Number.POSITIVE_INFINITY;
      assert.ok(middle <= allowed, `${Math.round(middle)} ms`);
    });
  }
});
