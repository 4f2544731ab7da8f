// Mocha's spec reporter that also writes "<passes> <failures>" to the file named by TEST_COUNT_FILE, and what failed beside it.
const { appendFileSync, writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.TEST_COUNT_FILE;
    runner.on('fail', (test, { message }) => {
      appendFileSync(`${file}.failed`, `FAILED ${test.titlePath().join(' › ')}: ${message}\n`);
    });
    runner.once('end', () => {
      const { passes, failures } = this.stats;
      writeFileSync(file, `${passes} ${failures}\n`);
    });
  }
};
