import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseAccount, type Surroundings } from './account.ts';
import { locateBinaries } from './binaries.ts';
import { openCluster } from './cluster.ts';
import { ask, connectionUrl } from './probe.ts';
import { run } from './run.ts';

const asRoot = (...programs: string[]): Surroundings => ({
  uid: 0,
  passwd: async () => 'root:x:0:0::/root:\nnobody:x:65534:65533::/:\npostgres:x:101:104::/:',
  run: async ([program = '']) => ({ code: programs.includes(program) ? 0 : 1, output: '' }),
});

describe('the account that runs PostgreSQL', () => {
  it('is our own unless we are root', async () => {
    assert.deepEqual(await chooseAccount(undefined, { ...asRoot(), uid: 1000 }), { prefix: [] });
  });

  it('is a user namespace for root, so that data stays in root’s hands', async () => {
    const account = await chooseAccount(undefined, asRoot('unshare', 'setpriv'));
    assert.deepEqual(account, { prefix: ['unshare', '--user', '--map-user=101', '--map-group=104'] });
  });

  it('is another user where namespaces are forbidden', async () => {
    const account = await chooseAccount({ uid: 0, gid: 0 }, asRoot('setpriv'));
    assert.equal(account.prefix[0], 'setpriv');
    assert.deepEqual(account.owner, { uid: 101, gid: 104 });
  });

  it('stays the user that data was handed to', async () => {
    const account = await chooseAccount({ uid: 33, gid: 34 }, asRoot('unshare', 'setpriv'));
    assert.deepEqual(account.owner, { uid: 33, gid: 34 });
  });

  it('is refused with DATABASE_URL as the way out when root can do neither', async () => {
    await assert.rejects(chooseAccount(undefined, asRoot()), /DATABASE_URL/);
  });

  it('works as another user under a parent that only root may enter, also taking over data of root', async function () {
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/setpriv')) this.skip();
    const closed = mkdtempSync(join(tmpdir(), 'cadastre-closed-'));
    chmodSync(closed, 0o700);
    const home = join(closed, 'postgres');
    mkdirSync(home);
    const binaries = locateBinaries();
    // The real programs, except that namespaces are forbidden, as they are in most containers.
    const contained: Surroundings = {
      uid: 0,
      passwd: () => readFile('/etc/passwd', 'utf8'),
      run: async (command) => (command[0] === 'unshare' ? { code: 1, output: '' } : run(command)),
    };
    const free = openCluster({ home, binaries, chooseAccount });
    const cluster = openCluster({
      home,
      binaries,
      chooseAccount: (owner) => chooseAccount(owner, contained),
    });

    const password = await free.ensureInitialised();
    await cluster.start();
    try {
      const server = await cluster.server();
      assert.ok(server);
      assert.equal(await ask(connectionUrl({ ...server, password })), 'ready');
      // By TCP, too, for those who know no sockets.
      assert.equal(await ask(connectionUrl({ ...server, socketDirectory: undefined, password })), 'ready');
      assert.equal(server.socketDirectory, cluster.dataDirectory);
      assert.notEqual(statSync(cluster.dataDirectory).uid, 0);
      assert.equal((await free.server())?.alive, true);
    } finally {
      await free.stop();
    }
    assert.equal(await cluster.server(), undefined);
    rmSync(closed, { recursive: true });
  });
});
