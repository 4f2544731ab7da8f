import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./check-rooms.mjs', import.meta.url));

/** A small code base that keeps every rule. */
const SOUND: Record<string, string> = {
  'package.json': JSON.stringify({
    type: 'module',
    imports: {
      '#core': './core/index.ts',
      '#core/testing': './core/testing/index.ts',
      '#plugins/*': './plugins/*/index.ts',
    },
  }),
  'node_modules/pino/package.json': JSON.stringify({ name: 'pino', main: 'pino.js' }),
  'node_modules/pino/pino.js': 'module.exports = () => 1;',
  'main.ts':
    "import { plugins } from './config/plugins.ts';\nimport { core } from '#core';\nvoid [plugins, core];",
  'config/plugins.ts': "import { a } from '#plugins/a';\nexport const plugins = [a];",
  'core/index.ts': "export { core } from './log/log.ts';",
  'core/log/log.ts': "import pino from 'pino';\nexport const core = pino();",
  'core/testing/index.ts': 'export const kit = 1;',
  'plugins/a/index.ts':
    "import { core } from '#core';\nimport { sum } from './domain/sum.ts';\nexport const a = [core, sum];",
  'plugins/a/inside.ts': 'export type Inside = 1;',
  'plugins/a/a.test.ts':
    "import { kit } from '#core/testing';\nimport { a } from '#plugins/a';\nvoid [kit, a];",
  'plugins/a/domain/sum.ts': "import { one } from './one.ts';\nexport const sum = one;",
  'plugins/a/domain/one.ts': 'export const one = 1;',
  'plugins/b/index.ts': "import type { a } from '#plugins/a';\nexport type B = typeof a;",
  'admin/index.ts': "import { core } from '#core';\nvoid core;",
};

/** One file per breach: what it breaks, where it stands, what it says. */
const PLANTED: [rule: string, file: string, source: string][] = [
  ['no-cycles', 'core/cycle.ts', "import type { B } from './elcyc.ts';\nexport type A = B;"],
  ['every-import-resolves', 'core/unheard.ts', "import '#plugins/unheard-of';"],
  [
    'core-imports-only-core',
    'core/config.ts',
    "import { plugins } from '../config/plugins.ts';\nvoid plugins;",
  ],
  ['core-imports-only-core', 'core/plugin.ts', "import type { B } from '#plugins/b';\nexport type X = B;"],
  ['core-imports-only-core', 'core/main.ts', "import '../main.ts';"],
  ['core-by-its-door', 'plugins/a/kernel.ts', "import { core } from '../../core/log/log.ts';\nvoid core;"],
  ['core-by-its-door', 'admin/kernel.ts', "import { core } from '../core/log/log.ts';\nvoid core;"],
  ['test-kit-in-tests-only', 'plugins/a/kit.ts', "import { kit } from '#core/testing';\nvoid kit;"],
  [
    'plugins-by-their-door',
    'plugins/b/in.ts',
    "import type { Inside } from '../a/inside.ts';\nexport type X = Inside;",
  ],
  ['plugins-import-only-core-and-plugins', 'plugins/a/panel.ts', "import '../../admin/index.ts';"],
  ['plugins-import-only-core-and-plugins', 'plugins/a/list.ts', "import '../../config/plugins.ts';"],
  ['readers-name-no-plugin', 'plugins/audit/index.ts', "import { a } from '#plugins/a';\nvoid a;"],
  [
    'domain-imports-only-domain',
    'plugins/a/domain/model.ts',
    "import type { Inside } from '../inside.ts';\nexport type X = Inside;",
  ],
  [
    'domain-imports-only-domain',
    'plugins/a/domain/io.ts',
    "import { readFileSync } from 'node:fs';\nvoid readFileSync;",
  ],
  ['domain-imports-only-domain', 'plugins/a/domain/library.ts', "import pino from 'pino';\nvoid pino;"],
  ['admin-imports-only-core', 'admin/list.ts', "import '../config/plugins.ts';"],
  ['plugins-listed-in-one-place', 'bin/x.ts', "import { a } from '#plugins/a';\nvoid a;"],
  ['plugins-listed-in-one-place', 'admin/plugin.ts', "import { a } from '#plugins/a';\nvoid a;"],
  [
    'seeders-and-benchmarks-by-the-door',
    'seeders/x.ts',
    "import type { Inside } from '../plugins/a/inside.ts';\nexport type X = Inside;",
  ],
];

describe('the import rule', () => {
  it('passes sound code, having seen every file of it', async () => {
    const { code, output } = await check(SOUND);
    assert.equal(code, 0, output);
    assert.match(output, /rooms: 12 of 12 modules seen, \d+ imports, 0 violations/);
  });

  it('fails when there is nothing to see', async () => {
    const { code, output } = await check({ 'package.json': '{}', 'core/index.ts': 'export {};' });
    assert.equal(code, 1, output);
    assert.match(output, /saw no module or no import/);
  });

  it('catches every planted breach, and blames no sound file', async () => {
    const other = { 'core/elcyc.ts': "import type { A } from './cycle.ts';\nexport type B = A;" };
    const planted = Object.fromEntries(PLANTED.map(([, file, source]) => [file, source]));
    const { code, output } = await check({ ...SOUND, ...other, ...planted });
    assert.equal(code, 1, output);

    const caught = [...output.matchAll(/^([\w-]+: \S+) -> /gm)].map(([, breach]) => breach);
    for (const [rule, file] of PLANTED)
      assert.ok(caught.includes(`${rule}: ${file}`), `${rule}: ${file}\n${output}`);
    const suspects = new Set([...PLANTED.map(([, file]) => file), 'core/elcyc.ts']);
    assert.deepEqual(
      caught.filter((breach) => !suspects.has(breach?.split(': ')[1] ?? '')),
      [],
    );
  });
});

async function check(files: Record<string, string>): Promise<{ code: number; output: string }> {
  const root = mkdtempSync(join(tmpdir(), 'cadastre-rooms-'));
  try {
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `${source}\n`);
    }
    return await new Promise((settle) => {
      execFile(process.execPath, [SCRIPT, root], { cwd: root }, (error, stdout, stderr) => {
        settle({ code: error ? Number(error.code) : 0, output: stdout + stderr });
      });
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}
