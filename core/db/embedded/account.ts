import { readFile } from 'node:fs/promises';
import { type Outcome, run } from './run.ts';

/** How to run PostgreSQL's programs: words to put before the command, and who must own the data, if not us. */
export interface Account {
  prefix: readonly string[];
  owner?: User;
}

/** Numeric ids; PostgreSQL insists that the uid has an entry in /etc/passwd. */
export interface User {
  uid: number;
  gid: number;
}

/** What of the surroundings the choice depends on; tests replace it. */
export interface Surroundings {
  uid: number;
  passwd(): Promise<string>;
  run(command: readonly string[]): Promise<Outcome>;
}

const here: Surroundings = {
  uid: process.getuid?.() ?? 1,
  passwd: () => readFile('/etc/passwd', 'utf8'),
  run,
};

/**
 * PostgreSQL refuses to run as root. A normal user runs it plainly. Root runs it in a user namespace, where root's
 * files belong to an ordinary uid, so nothing changes hands and a 0700 parent is no obstacle; where namespaces are
 * forbidden (most containers), it runs as that uid with leave to pass directories it does not own.
 * `dataOwner` is the owner of an existing data directory. Throws when root can do neither.
 */
export async function chooseAccount(dataOwner?: User, around: Surroundings = here): Promise<Account> {
  if (around.uid !== 0) return { prefix: [] };

  const handedOver = dataOwner !== undefined && dataOwner.uid !== 0;
  const user = handedOver ? dataOwner : ordinaryUser(await around.passwd());
  const namespace = ['unshare', '--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`];
  if (!handedOver && (await works(namespace, around))) return { prefix: namespace };

  const otherUser = [
    'setpriv',
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
    // Without it access(2), by which PostgreSQL looks for its own programs, disregards the capability.
    '--securebits=+no_setuid_fixup',
    '--',
  ];
  if (await works(otherUser, around)) return { prefix: otherUser, owner: user };

  throw new Error(
    'PostgreSQL does not run as root, and neither `unshare --user` nor `setpriv` works here. ' +
      'Run Cadastre as a normal user, or set DATABASE_URL to a PostgreSQL 15 or newer.',
  );
}

async function works(prefix: readonly string[], around: Surroundings): Promise<boolean> {
  return (await around.run([...prefix, 'true'])).code === 0;
}

function ordinaryUser(passwd: string): User {
  const entries = passwd.split('\n').map((line) => line.split(':'));
  const entry = ['postgres', 'nobody'].map((name) => entries.find(([n]) => n === name)).find(Boolean);
  return { uid: Number(entry?.[2] ?? 65_534), gid: Number(entry?.[3] ?? 65_534) };
}
