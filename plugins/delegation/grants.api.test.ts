import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { audit } from '#plugins/audit';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { delegation } from './index.ts';
import { clientOf, give, type Land, makeLand, signedIn } from './testing/people.ts';

describe('grants', () => {
  let register: TestRegister;
  let land: Land;
  let wanda: Awaited<ReturnType<typeof signedIn>>;
  before(async () => {
    register = await startTestRegister([users, subnets, delegation, allocation, audit]);
    land = await makeLand(register);
    wanda = await signedIn(register, 'wanda');
  });
  after(() => register.stop());

  const admin = () => register.as('admin');
  const post = (body: object) => admin().post('/grants', { userId: wanda.id, role: 'engineer', ...body });

  it('are given, shown, listed with their users and VRFs, and taken back', async () => {
    const made = await post({ vrf: 'blue', cidr: '10.77.0.0/16' });
    assert.deepEqual([made.status, made.headers.location], [201, `/api/v1/grants/${made.body.id}`]);
    assert.deepEqual(
      [made.body.userId, made.body.role, made.body.vrfId, made.body.cidr, made.body.createdBy],
      [wanda.id, 'engineer', land.blue, '10.77.0.0/16', 'user:0'],
    );
    const path = `/grants/${made.body.id}`;
    assert.deepEqual((await admin().get(path)).body, made.body);
    const list = (query: string) => admin().get(`/grants?${query}`);
    for (const query of [
      `user=${wanda.email}`,
      'vrf=blue',
      'within=10.64.0.0/10',
      'role=engineer',
      'cidr=10.77.0.0/16',
    ]) {
      assert.deepEqual((await list(query)).body.items, [made.body], query);
    }
    const { items } = (await list('include=user,vrf&count=exact')).body;
    assert.deepEqual([items[0].user.email, items[0].vrf.name], [wanda.email, 'blue']);
    assert.equal((await admin().delete(path, undefined, { 'If-Match': '"9"' })).status, 412);
    assert.equal((await admin().delete(path)).status, 204);
    assert.equal((await admin().get(path)).status, 404);
    assert.equal((await admin().delete(path)).status, 404);
  });

  it('are refused with all that is wrong, and what would be right', async () => {
    const bad = await post({ vrf: 'blue', cidr: '10.20.1.1/16' });
    assert.equal(bad.status, 422);
    assert.match(bad.body.errors[0].message, /did you mean 10\.20\.0\.0\/16\?/);
    const viewer = await post({ role: 'viewer', vrf: 'blue', cidr: '10.77.0.0/16' });
    assert.deepEqual([viewer.status, viewer.body.errors[0].path], [422, 'body.role']);
    assert.match(viewer.body.errors[0].message, /engineer or admin/);
    for (const [body, path] of [
      [{ userId: 999_999, vrf: 'blue' }, 'body.userId'],
      [{ vrf: 'green' }, 'body.vrf'],
      [{ vrfId: 999_999 }, 'body.vrfId'],
      [{ vrf: 'blue', vrfId: 1 }, 'body.vrf'],
      [{ vrf: 'blue', colour: 'red' }, 'body.colour'],
    ] as const) {
      const { status, body: problem } = await post({ cidr: '10.77.0.0/16', ...body });
      assert.deepEqual([status, problem.errors[0].path], [422, path]);
    }
    await post({ cidr: '10.78.0.0/16' });
    const again = await post({ cidr: '10.78.0.0/16' });
    assert.deepEqual([again.status, again.body.type], [409, 'urn:cadastre:error:grant-taken']);
  });

  it('are seen by all but viewers, and given by admins alone: nobody gives more by what was given', async () => {
    await give(register, wanda.id, '10.20.0.0/16', 'admin');
    const client = await clientOf(register, wanda.email);
    for (const role of ['engineer', 'auditor'] as const) {
      assert.equal((await register.as(role).get('/grants')).status, 200);
      assert.equal((await register.as(role).post('/grants', {})).body.permission, 'grants:write');
    }
    assert.equal((await client.get('/grants')).body.permission, 'grants:read');
    const { status } = await client.post('/grants', {
      userId: wanda.id,
      role: 'engineer',
      vrf: 'blue',
      cidr: '0.0.0.0/0',
    });
    assert.equal(status, 403);
  });

  it('go with their user, and leave their lines in the audit log', async () => {
    const gone = await signedIn(register, 'gone');
    const id = await give(register, gone.id, '10.20.0.0/16');
    assert.equal((await admin().delete(`/users/${gone.id}`)).status, 204);
    assert.equal((await admin().get(`/grants/${id}`)).status, 404);
    const lines = await register.db.query<{ action: string; actor: string }>(
      "SELECT action, actor FROM audit_log WHERE entity = 'grant' AND entity_id = $1 ORDER BY id",
      [String(id)],
    );
    assert.deepEqual(
      lines.map((line) => `${line.action} ${line.actor}`),
      ['create user:0', 'delete user:0'],
    );
  });

  it('are told by /auth/me, and hold and end within seconds, whatever token is at work', async () => {
    const rosa = await signedIn(register, 'rosa');
    const id = await give(register, rosa.id, '10.20.0.0/16');
    const client = await clientOf(register, rosa.email);
    const { body } = await client.get('/auth/me');
    assert.deepEqual(body.grants, [
      { role: 'engineer', label: '10.20.0.0/16 in VRF blue', vrfId: land.blue, cidr: '10.20.0.0/16' },
    ]);
    const rename = () => client.patch(`/subnets/${land.subnets['10.20.1.0/24']}`, { name: 'Lab' });
    assert.equal((await rename()).status, 200);
    await admin().delete(`/grants/${id}`);
    await sleep(5_200);
    assert.deepEqual((await client.get('/auth/me')).body.grants, []);
    const refused = await rename();
    assert.deepEqual([refused.status, refused.body.permission], [403, 'subnets:write']);
  });
});
