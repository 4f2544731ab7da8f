import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./ensure-installed.mjs', import.meta.url));
const HERE = { os: [process.platform], cpu: [process.arch] };

describe('the installer before start and test', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cadastre-install-'));
    lock({ 'node_modules/pg': { version: '8.0.0' } });
    // Stands in for npm: says what it was asked, and leaves the folder that npm would leave.
    write(
      'npm-cli.js',
      "console.log('npm', process.argv[2]); require('fs').mkdirSync('node_modules', { recursive: true });",
    );
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('runs npm ci on a fresh clone, and not again', () => {
    assert.match(ensure().output, /npm ci/);
    assert.deepEqual(ensure(), { code: 0, output: '' });
  });

  it('runs npm ci again when the lock has changed', () => {
    ensure();
    lock({ 'node_modules/pg': { version: '8.0.1' } });
    assert.match(ensure().output, /npm ci/);
    assert.equal(ensure().output, '');
  });

  it('accepts an install by hand, without the packages of other machines', () => {
    const elsewhere = { version: '1.0.0', optional: true, os: ['sunos'] };
    lock({ 'node_modules/pg': { version: '8.0.0' }, 'node_modules/sun': elsewhere });
    record({ 'node_modules/pg': { version: '8.0.0' } });
    assert.deepEqual(ensure(), { code: 0, output: '' });
  });

  it('does not accept an install made on another kind of machine', () => {
    lock({ 'node_modules/native': { version: '1.0.0', optional: true, ...HERE } });
    record({ 'node_modules/sun': { version: '1.0.0' } });
    assert.match(ensure().output, /npm ci/);
  });

  it('says so and stops when npm ci fails, and tries again next time', () => {
    write('npm-cli.js', 'process.exit(7);');
    for (const attempt of [ensure(), ensure()]) {
      assert.equal(attempt.code, 1);
      assert.match(attempt.output, /cannot install its dependencies: npm ci failed with exit code 7/);
    }
    assert.equal(existsSync(join(root, 'node_modules')), false);
  });

  it('says so when there is no npm', () => {
    rmSync(join(root, 'npm-cli.js'));
    const { code, output } = ensure({ PATH: root });
    assert.equal(code, 1);
    assert.match(output, /npm could not be run .*install npm/);
  });

  function ensure(env: Record<string, string> = {}): { code: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...process.env,
        npm_execpath: join(root, 'npm-cli.js'),
        npm_node_execpath: process.execPath,
        ...env,
      },
    });
    return { code: status, output: stdout + stderr };
  }

  function lock(packages: object): void {
    write('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages } }));
  }

  function record(packages: object): void {
    mkdirSync(join(root, 'node_modules'));
    write('node_modules/.package-lock.json', JSON.stringify({ packages }));
  }

  function write(path: string, text: string): void {
    writeFileSync(join(root, path), text);
  }
});
