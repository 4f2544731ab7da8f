// Checks who imports whom (rules in .dependency-cruiser.cjs). Usage: node scripts/check-rooms.mjs [directory]
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve, sep } from 'node:path';
import { cruise } from 'dependency-cruiser';

const ROOMS = ['core', 'plugins', 'admin', 'config', 'seeders', 'bin', 'bench', 'scripts', 'main.ts'];
const SOURCE = /\.([cm]?[jt]s|[jt]sx)$/;

const root = resolve(process.argv[2] ?? '.');
const { options, forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const rooms = ROOMS.filter((room) => existsSync(join(root, room)));
const onDisk = rooms.flatMap((room) => (SOURCE.test(room) ? [room] : sourcesIn(join(root, room))));

const { output } = await cruise(rooms, { ...options, baseDir: root, validate: true, ruleSet: { forbidden } });
const seen = new Map(output.modules.map((module) => [module.source, module]));
const imports = onDisk.reduce((sum, file) => sum + (seen.get(file)?.dependencies.length ?? 0), 0);

for (const { rule, from, to, cycle = [] } of output.summary.violations) {
  const path = cycle.length > 0 ? cycle.map((step) => step.name).join(' -> ') : to;
  console.error(`${rule.name}: ${from} -> ${path}`);
  console.error(`    ${forbidden.find(({ name }) => name === rule.name).comment}`);
}

// A checker that understands no TypeScript sees nothing and finds nothing wrong: hold it to what is on disk.
const missed = onDisk.filter((file) => !seen.has(file));
for (const file of missed) console.error(`not seen by the checker: ${file}`);
const blind = onDisk.length === 0 || imports === 0;
if (blind) console.error('the checker saw no module or no import at all');

const { length: violations } = output.summary.violations;
console.log(
  `rooms: ${onDisk.length - missed.length} of ${onDisk.length} modules seen, ${imports} imports, ${violations} violations`,
);
process.exitCode = violations > 0 || missed.length > 0 || blind ? 1 : 0;

/** Every source file below `directory`, as paths from the root with forward slashes. */
function sourcesIn(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').includes('node_modules'));
}
