import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPermissions } from './permissions.ts';
import type { Branch, Role } from './principal.ts';
import { createIssueToken, loadTokenKey } from './tokens.ts';

describe('permissions', () => {
  const { allows, demand } = createPermissions(
    new Map([
      ['pets:read', { label: 'Look', roles: ['engineer', 'viewer'] as const }],
      ['pets:sell', { label: 'Sell', roles: [] }],
    ]),
  );
  const as = (role: Role) => ({ id: 1, kind: 'user' as const, name: 'x', role });

  it('are had by the roles that the plugin named, and by admins', () => {
    const have = (permission: string) =>
      (['admin', 'engineer', 'auditor', 'viewer'] as const).filter((role) => allows(as(role), permission));
    assert.deepEqual(have('pets:read'), ['admin', 'engineer', 'viewer']);
    assert.deepEqual(have('pets:sell'), ['admin']);
    assert.deepEqual(have('signed-in'), ['admin', 'engineer', 'auditor', 'viewer']);
  });

  it('that nobody declares are had by nobody', () => assert.equal(allows(as('admin'), 'pets:fly'), false));

  describe('of a role on a branch', () => {
    const branch = (label: string): Branch => ({ label, key: { at: label } });
    const [north, south] = [branch('north'), branch('south')];
    const permissions = createPermissions(
      new Map([
        ['pets:feed', { label: 'Feed', roles: ['engineer'] as const, delegable: true }],
        ['pets:sell', { label: 'Sell', roles: ['admin'] as const, delegable: true }],
        ['pets:read', { label: 'Look', roles: ['engineer'] as const }],
      ]),
    );
    const both = {
      ...as('viewer'),
      grants: [
        { role: 'engineer' as const, branch: north },
        { role: 'admin' as const, branch: south },
      ],
    };

    it('are had there alone', () => {
      assert.equal(permissions.allows(both, 'pets:feed'), true);
      assert.deepEqual(permissions.demand(both, 'pets:feed'), {
        permissions: ['pets:feed'],
        branches: [north, south],
      });
      assert.equal(permissions.demand({ ...both, role: 'engineer' }, 'pets:feed'), undefined);
      assert.equal(permissions.demand(both, 'signed-in'), undefined);
    });

    it('are had together where one role brings them all, or one’s own does', () => {
      const { branches } = permissions.demand(both, 'pets:feed', 'pets:sell') ?? {};
      assert.deepEqual(branches, [south]);
      assert.deepEqual(permissions.demand({ ...both, role: 'engineer' }, 'pets:feed', 'pets:sell'), {
        permissions: ['pets:sell'],
        branches: [south],
      });
    });

    it('are not had where they are not for branches, or the role does not bring them', () => {
      assert.equal(permissions.allows(both, 'pets:read'), false);
      assert.throws(() => permissions.demand(both, 'pets:feed', 'pets:read'), {
        status: 403,
        members: { permission: 'pets:read' },
      });
      const feeder = { ...both, grants: both.grants.slice(0, 1) };
      assert.throws(() => permissions.demand(feeder, 'pets:feed', 'pets:sell'), {
        members: { permission: 'pets:sell' },
      });
    });
  });

  it('that are missing are named', () => {
    assert.throws(() => demand(as('viewer'), 'pets:sell'), {
      status: 403,
      members: { permission: 'pets:sell' },
    });
    demand(as('viewer'), 'pets:read');
  });
});

describe('the key that signs tokens', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made once and kept where only its owner reads it', async () => {
    const [one, two] = await Promise.all([
      loadTokenKey({ DATA_DIR: folder }),
      loadTokenKey({ DATA_DIR: folder }),
    ]);
    assert.ok(one.equals(two));
    assert.equal((await stat(join(folder, 'secrets', 'jwt'))).mode & 0o777, 0o600);
    assert.ok(one.equals(await loadTokenKey({ DATA_DIR: folder })));
    assert.deepEqual(await readdir(join(folder, 'secrets')), ['jwt']);
  });

  it('is the configured one where there is one', async () => {
    const key = await loadTokenKey({ JWT_SECRET: 'x'.repeat(32), DATA_DIR: folder });
    assert.equal(key.export().toString(), 'x'.repeat(32));
    await assert.rejects(stat(join(folder, 'secrets')), { code: 'ENOENT' });
  });

  it('signs what a token says: for whom, by whom, how long', async () => {
    const token = createIssueToken(await loadTokenKey({ JWT_SECRET: 'x'.repeat(32), DATA_DIR: folder }))(
      'user:1',
      { a: 1 },
      60,
    );
    const { iat, exp, ...claims } = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    );
    assert.deepEqual(claims, { a: 1, sub: 'user:1', iss: 'cadastre', aud: 'cadastre-api' });
    assert.equal(exp - iat, 60);
  });
});
