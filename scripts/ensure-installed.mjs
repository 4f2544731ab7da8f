// Runs before `npm start` and `npm test`: installs what package-lock.json asks for unless it is there already.
// Plain JavaScript on built-in modules only, since it runs on the host's Node (20 or newer) before any install.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const LOCK = 'package-lock.json';
const STAMP = 'node_modules/.cadastre-installed';
/** What npm itself writes at the end of every install. */
const NPM_RECORD = 'node_modules/.package-lock.json';

if (!existsSync(LOCK)) fail(`there is no ${LOCK} in ${process.cwd()}`);
const lock = readFileSync(LOCK, 'utf8');
const wanted = `${process.platform}-${process.arch} ${createHash('sha256').update(lock).digest('hex')}\n`;

if (read(STAMP) !== wanted) {
  if (!installedByHand()) install();
  writeFileSync(STAMP, wanted);
}

function install() {
  // Another package manager sets npm_execpath too, but does not understand this lock.
  const script = process.env.npm_execpath ?? '';
  const ours = basename(script).startsWith('npm') && existsSync(script);
  const [program, ...before] = ours ? [process.env.npm_node_execpath ?? process.execPath, script] : ['npm'];
  console.log('Installing dependencies (npm ci), once per change of package-lock.json ...');
  const began = Date.now();
  const { error, status } = spawnSync(
    program,
    [...before, 'ci', '--loglevel=error', '--no-audit', '--no-fund'],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (error) fail(`npm could not be run (${error.message}); install npm 10 or newer and try again`);
  if (status !== 0) fail(`npm ci failed with exit code ${status}; its message is above`);
  console.log(`Dependencies installed in ${Math.round((Date.now() - began) / 1000)} s.`);
}

/** Whether npm's own record has every locked package that fits this machine, as after a manual `npm install`. */
function installedByHand() {
  const record = read(NPM_RECORD);
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  return Object.entries(JSON.parse(lock).packages).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const there = installed[path];
    return there
      ? there.version === entry.version && there.integrity === entry.integrity
      : mayBeAbsent(entry);
  });
}

/** An optional package may be absent, but not one that was built for just this kind of machine. */
function mayBeAbsent({ optional = false, os = [], cpu = [], libc }) {
  const builtForHere = os.includes(process.platform) && cpu.includes(process.arch) && libc === undefined;
  return optional && !builtForHere;
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function fail(why) {
  console.error(`Cadastre cannot install its dependencies: ${why}.`);
  process.exit(1);
}
