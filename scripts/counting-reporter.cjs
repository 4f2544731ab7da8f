// Mocha's spec reporter that also writes "<passes> <failures>" to the file named by TEST_COUNT_FILE.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures } = this.stats;
      writeFileSync(process.env.TEST_COUNT_FILE, `${passes} ${failures}\n`);
    });
  }
};
