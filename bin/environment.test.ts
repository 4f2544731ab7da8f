import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { builtInPlugins } from '#config/plugins';
import { environmentReport } from './environment.ts';

describe('docs/operations.md', () => {
  it('has every environment variable with its default and meaning, as the code has them', async () => {
    const lines = (await readFile('docs/operations.md', 'utf8')).split('\n');
    const start = lines.indexOf('| variable | default | meaning |');
    const documented = lines.slice(start + 2, lines.indexOf('', start));
    const actual = environmentReport({}, builtInPlugins).map(
      ({ name, default: value, meaning }) => `| \`${name}\` | ${value && `\`${value}\``} | ${meaning} |`,
    );
    assert.deepEqual(documented, actual);
  });
});
