import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestRegister, statementsOf, type TestRegister } from '#core/testing';
import { audit } from '#plugins/audit';
import { devices } from './index.ts';
import { cables } from './testing/cables.ts';

type Answered = { status: number; body: Record<string, unknown> & { type?: string } };

describe('deleting a device or an interface', () => {
  let register: TestRegister;
  let core: number;
  let port: number;
  before(async () => {
    register = await startTestRegister([devices, cables, audit]);
  });
  after(() => register.stop());
  beforeEach(async () => {
    await register.db.query('DELETE FROM cable');
    await register.db.query('DELETE FROM device');
    core = (await admin().post('/devices', { name: 'core-1' })).body.id;
    port = (await admin().post(`/devices/${core}/interfaces`, { name: 'eth0' })).body.id;
    await admin().post(`/devices/${core}/interfaces`, { name: 'eth1' });
    await register.db.query(
      'INSERT INTO cable (device_id, interface_id) VALUES ($1, $2), ($1, $2), ($1, NULL)',
      [core, port],
    );
  });

  const admin = () => register.as('admin');
  const count = async (what: string) => {
    const [row] = await register.db.query<{ n: number }>(`SELECT count(*) AS n FROM ${what}`);
    return row?.n;
  };
  const refusal = ({ status, body }: Answered) => `${status} ${body.type?.split(':').at(-1)} ${body.detail}`;

  it('is refused while something is held, telling how many and what can be chosen; a dry run says the same', async () => {
    for (const query of ['', '?dryRun=true']) {
      const device = await admin().delete(`/devices/${core}${query}`);
      assert.equal(
        refusal(device),
        '409 holder-not-empty The device holds cables (3): ?cables=release cuts them, ?cables=keep leaves them hanging.',
      );
      assert.equal(device.body.cables, 3);
      const { body } = await admin().delete(`/interfaces/${port}${query}`);
      assert.match(`${body.detail}`, /^The interface holds cables \(2\)/);
    }
    assert.equal(await count('interface'), 2);
  });

  it('gives back what is held, or keeps it without a holder, as chosen', async () => {
    assert.equal((await admin().delete(`/interfaces/${port}?cables=release`)).status, 204);
    assert.deepEqual([await count('cable'), await count('interface'), await count('device')], [1, 1, 1]);
    assert.equal((await admin().delete(`/devices/${core}?cables=keep&dryRun=true`)).status, 204);
    assert.equal(await count('device'), 1);
    assert.equal((await admin().delete(`/devices/${core}?cables=keep`)).status, 204);
    assert.deepEqual([await count('cable'), await count('interface'), await count('device')], [1, 0, 0]);
    assert.equal(await count('cable WHERE device_id IS NULL'), 1);
  });

  it('needs a choice that there is, the permission for it, and nothing where nothing is held', async () => {
    const odd = await admin().delete(`/devices/${core}?cables=burn`);
    assert.equal(odd.status, 422);
    const unknown = await admin().delete(`/devices/${core}?ropes=keep`);
    assert.equal(unknown.status, 422);
    const mayNot = await register.as('engineer').delete(`/devices/${core}?cables=release`);
    assert.equal(mayNot.status, 403);
    assert.match(`${mayNot.body.detail}`, /cables:write/);
    const stale = await admin().delete(`/devices/${core}?cables=release`, undefined, { 'If-Match': '"9"' });
    assert.equal(stale.status, 412);
    assert.equal(await count('cable'), 3);
    await register.db.query('DELETE FROM cable');
    assert.equal((await register.as('engineer').delete(`/devices/${core}`)).status, 204);
    assert.equal((await admin().delete(`/devices/${core}?cables=keep`)).status, 404);
  });

  it('cannot be done behind the register either', async () => {
    const psql = new pg.Client({ connectionString: register.databaseUrl });
    await psql.connect();
    await assert.rejects(psql.query('DELETE FROM interface WHERE id = $1', [port]), /cable_interface_fkey/);
    await assert.rejects(psql.query('DELETE FROM device'), /cable_(device|interface)_fkey/);
    await psql.query('DELETE FROM cable');
    await psql.query('DELETE FROM device');
    assert.equal(await count('interface'), 0);
    await psql.end();
  });

  it('takes 200 interfaces along in as many statements as one, each with its line in the log, and all come back', async () => {
    await register.db.query('DELETE FROM cable');
    const ports = Array.from({ length: 198 }, (_, n) => ({ name: `Gi1/0/${n}` }));
    assert.equal((await admin().post(`/devices/${core}/interfaces`, ports)).status, 201);
    let change = '';
    const sent = await statementsOf(async () => {
      const { status, headers } = await admin().delete(`/devices/${core}`);
      assert.equal(status, 204);
      change = String(headers['x-change-id']);
    });
    assert.ok(sent.length < 15, sent.join(';\n'));
    const lines = await register.db.query<{ entity: string; n: number }>(
      `SELECT entity, count(*) AS n FROM audit_log WHERE change_id = $1 AND action = 'delete' GROUP BY entity ORDER BY entity`,
      [change],
    );
    assert.deepEqual(lines, [
      { entity: 'device', n: 1 },
      { entity: 'interface', n: 200 },
    ]);
    const back = await admin().post(`/changes/${change}/revert`, {});
    assert.equal(back.status, 200, JSON.stringify(back.body));
    assert.deepEqual([await count('device'), await count('interface')], [1, 200]);
  });

  it('is announced', async () => {
    const heard: string[] = [];
    register.host.events.hook('test', 'device.deleted', async (_tx, payload: { name: string }) => {
      heard.push(payload.name);
    });
    assert.equal((await admin().delete(`/devices/${core}?cables=release`)).status, 204);
    assert.deepEqual(heard, ['core-1']);
  });
});
