import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { audit } from '#plugins/audit';
import { type Finding, scanner } from './index.ts';
import { wirePlugin } from './testing/wire.ts';

/** What answers, by address: a MAC, several, or a whole finding; everybody else is silent. */
const network = new Map<string, Partial<Finding>>();
const asked: string[] = [];
/** Subnets that were announced as unreachable. */
const announced: number[] = [];
/** Where the link is cut: nobody answers from the moment on at which this address is asked. */
let cutAt: string | undefined;
let pauseFor = 0;

const wire = wirePlugin({
  network,
  async asking(address, signal) {
    asked.push(address);
    if (address === cutAt) network.clear();
    if (pauseFor > 0) await sleep(pauseFor, undefined, { signal });
  },
});

const watch = definePlugin({
  name: 'watch',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Hears of subnets that are out of reach.',
  requires: [scanner],
  setup: (ctx) =>
    ctx.on('subnet.unreachable', async (_, { subnetId }) => {
      announced.push(subnetId);
    }),
});

const answers = (mac?: string, ...more: string[]): Partial<Finding> => ({
  verdict: 'alive',
  ...(mac ? { macs: [mac, ...more] } : {}),
});
const [macA, macB] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'] as const;

describe('a scan', () => {
  let register: TestRegister;
  let home: number;
  const admin = () => register.as('admin');

  before(async () => {
    register = await startTestRegister([allocation, scanner, wire, watch, audit]);
  });
  beforeEach(async () => {
    network.clear();
    asked.length = 0;
    announced.length = 0;
    cutAt = undefined;
    pauseFor = 0;
    await register.owner.query(
      `UPDATE subnet SET gateway = NULL; DELETE FROM address; DELETE FROM subnet; DELETE FROM space_hold;
       DELETE FROM scan; DELETE FROM conflict; DELETE FROM discovery; DELETE FROM observation; DELETE FROM job_run`,
    );
    home = await made('/subnets', { cidr: '10.0.0.0/28' });
  });
  after(() => register.stop());

  async function made(path: string, body: object): Promise<number> {
    const answer = await admin().post(path, body);
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    return answer.body.id;
  }
  async function scan(body: object = { subnetIds: [home] }) {
    const id = await made('/scans', { mode: 'real', probes: ['wire'], ...body });
    await register.runQueued();
    return (await admin().get(`/scans/${id}`)).body;
  }
  const list = async (path: string) => (await admin().get(path)).body.items;
  const address = async (id: number) => (await admin().get(`/addresses/${id}?include=observation`)).body;
  const faults = () =>
    register.db.query('SELECT f.* FROM space_faults((SELECT array_agg(id) FROM subnet)) f');

  it('is queued, asks every host of a subnet, and counts what it saw', async () => {
    network.set('10.0.0.1', answers());
    const asking = await admin().post('/scans', { subnetIds: [home], mode: 'real', probes: ['wire'] });
    assert.equal(asking.status, 202);
    assert.equal(asking.body.state, 'queued');
    assert.equal(asking.headers.location, `/api/v1/scans/${asking.body.id}`);
    await register.runQueued();
    const { body } = await admin().get(`/scans/${asking.body.id}`);
    const { state, seen, missed, unknown, progress, error } = body;
    assert.deepEqual(
      { state, seen, missed, unknown, progress, error },
      { state: 'done', seen: 1, missed: 13, unknown: 0, progress: { done: 14, total: 14 }, error: null },
    );
    assert.equal(asked.length, 14);
    assert.ok(!asked.includes('10.0.0.0') && !asked.includes('10.0.0.15'));
    const results = await list(`/scans/${body.id}/results?outcome=seen`);
    assert.deepEqual(
      results.map((each: { address: string; conclusion: string }) => [each.address, each.conclusion]),
      [['10.0.0.1', 'unregistered']],
    );
  });

  it('asks nobody outside of registered subnets, nor where it is denied', async () => {
    const refused = await admin().post('/scans', { cidr: '192.0.2.0/24' });
    assert.deepEqual([refused.status, refused.body.type], [422, 'urn:cadastre:error:nothing-to-scan']);
    await made('/subnets', { cidr: '127.0.0.0/24' });
    await made('/subnets', { cidr: '224.0.0.0/28' });
    const { seen, missed } = await scan({ cidr: '0.0.0.0/0' });
    assert.deepEqual([seen, missed], [0, 14]);
    assert.ok(asked.every((each) => each.startsWith('10.0.0.')));
  });

  it('asks the part of a subnet that it is told, and the known addresses alone of a large IPv6 subnet', async () => {
    await scan({ cidr: '10.0.0.8/30' });
    assert.deepEqual(asked, ['10.0.0.8', '10.0.0.9', '10.0.0.10', '10.0.0.11']);
    asked.length = 0;
    await made('/subnets', { cidr: '2001:db8::/64' });
    await made('/addresses', { address: '2001:db8::7' });
    const { progress } = await scan({ cidr: '2001:db8::/64' });
    assert.deepEqual(asked, ['2001:db8::7']);
    assert.deepEqual(progress, { done: 1, total: 1 });
  });

  it('moves lastSeen of who answers as recorded, and writes neither audit rows nor the register', async () => {
    const id = await made('/addresses', { address: '10.0.0.2', mac: macA, hostname: 'a.example.net' });
    const before = await address(id);
    network.set('10.0.0.2', { ...answers(macA), ptr: 'A.example.net.', rttMs: 1.5 });
    const [{ rows: logged } = { rows: 0 }] = await register.db.query<{ rows: number }>(
      'SELECT count(*)::int AS rows FROM audit_log',
    );
    const { conflicts } = await scan();
    assert.equal(conflicts, 0);
    const { observation, ...now } = await address(id);
    assert.equal(now.version, before.version);
    assert.deepEqual(
      [observation.state, observation.mac, observation.rttMs, observation.misses],
      ['up', macA, 1.5, 0],
    );
    const [after] = await register.db.query<{ rows: number }>('SELECT count(*)::int AS rows FROM audit_log');
    assert.equal(after?.rows, logged);
    const past = await list(`/addresses?observation.lastSeen__lte=${new Date(0).toISOString()}`);
    assert.deepEqual(past, []);
    assert.equal((await list('/addresses?observation.state=up')).length, 1);
  });

  it('says silent after three misses in a row, and stale once that is long ago', async () => {
    const id = await made('/addresses', { address: '10.0.0.2' });
    network.set('10.0.0.2', answers());
    network.set('10.0.0.3', answers());
    await made('/addresses', { address: '10.0.0.3' });
    await scan();
    network.delete('10.0.0.2');
    const states: string[] = [];
    for (let nth = 0; nth < 3; nth += 1) {
      await scan();
      states.push((await address(id)).observation.state);
    }
    assert.deepEqual(states, ['up', 'up', 'silent']);
    assert.deepEqual(await list('/addresses?stale=true'), []);
    register.setClock(new Date(Date.now() + 31 * 86_400_000));
    assert.deepEqual(
      (await list('/addresses?stale=true')).map((each: { id: number }) => each.id),
      [id],
    );
    register.setClock(new Date());
  });

  describe('that finds a conflict', () => {
    let id: number;
    const open = async () => (await list('/conflicts?state=open'))[0];
    const resolve = (conflict: number, resolution: string) =>
      admin().post(`/conflicts/${conflict}/resolve`, { resolution, note: 'looked at it' });

    beforeEach(async () => {
      id = await made('/addresses', { address: '10.0.0.2', status: 'reserved', mac: macA });
      network.set('10.0.0.2', answers(macB));
      const { conflicts } = await scan();
      assert.equal(conflicts, 1);
    });
    afterEach(async () => assert.deepEqual(await faults(), []));

    it('quarantines the address, with an audit row, and puts it into the inbox once', async () => {
      assert.equal((await address(id)).status, 'quarantined');
      await scan();
      const [conflict, ...others] = await list(`/conflicts?state=open&subnet=${home}&kind=mac-mismatch`);
      assert.deepEqual(others, []);
      const { kind, severity, recorded, observed, addressId } = conflict;
      assert.deepEqual(
        [kind, severity, recorded.mac, observed.mac, addressId],
        ['mac-mismatch', 'high', macA, macB, id],
      );
      const log = await list(`/audit-logs?entity=address&entityId=${id}&action=update`);
      assert.equal(log.length, 1);
      assert.equal(log[0].actor, 'job:scanner.sweep');
    });

    it('is resolved by what was observed', async () => {
      const { status, body } = await resolve((await open()).id, 'accept-observed');
      assert.deepEqual([status, body.state, body.note], [200, 'resolved', 'looked at it']);
      const now = await address(id);
      assert.deepEqual([now.status, now.mac], ['reserved', macB]);
      assert.equal((await scan()).conflicts, 0);
      assert.equal((await resolve(body.id, 'release')).status, 409);
    });

    it('is resolved by what is recorded, and opens again with its history when it comes back', async () => {
      const { body } = await resolve((await open()).id, 'keep-recorded');
      const now = await address(id);
      assert.deepEqual([now.status, now.mac], ['reserved', macA]);
      await scan();
      const again = await open();
      assert.equal(again.id, body.id);
      assert.deepEqual(
        again.history.map((each: { resolution: string; note: string }) => [each.resolution, each.note]),
        [['keep-recorded', 'looked at it']],
      );
      assert.equal((await address(id)).status, 'quarantined');
    });

    it('is resolved by a release', async () => {
      await resolve((await open()).id, 'release');
      const now = await address(id);
      assert.deepEqual([now.status, now.mac], ['free', null]);
    });

    it('is resolved from the panel by the version that was read, and not twice', async () => {
      const conflict = await open();
      const patch = (version: number) =>
        admin().patch(
          `/conflicts/${conflict.id}`,
          { resolution: 'keep-recorded' },
          {
            'If-Match': `"${version}"`,
          },
        );
      assert.equal((await patch(conflict.version + 1)).status, 412);
      assert.equal((await patch(conflict.version)).status, 200);
    });
  });

  it('tells two MACs, and another host name, apart from another MAC', async () => {
    const twice = await made('/addresses', { address: '10.0.0.2', mac: macA });
    const named = await made('/addresses', { address: '10.0.0.3', hostname: 'web.example.net' });
    const vip = await made('/addresses', { address: '10.0.0.4', role: 'vip' });
    network.set('10.0.0.2', answers(macA, macB));
    network.set('10.0.0.3', { ...answers(), ptr: 'db.example.net' });
    network.set('10.0.0.4', answers(macA, macB));
    await scan();
    const found = await list('/conflicts?sort=address');
    assert.deepEqual(
      found.map((each: { kind: string; severity: string }) => [each.kind, each.severity]),
      [
        ['duplicate-address', 'high'],
        ['hostname-mismatch', 'low'],
      ],
    );
    const statuses = await Promise.all([twice, named, vip].map(async (each) => (await address(each)).status));
    assert.deepEqual(statuses, ['quarantined', 'assigned', 'assigned']);
    await admin().post(`/conflicts/${found[1].id}/resolve`, { resolution: 'accept-observed' });
    assert.equal((await address(named)).hostname, 'db.example.net');
  });

  it('holds back the address of who answers unregistered, until that is registered or dismissed', async () => {
    network.set('10.0.0.1', { ...answers(macA), ptr: 'new.example.net' });
    network.set('10.0.0.2', answers(macB));
    assert.equal((await scan()).discovered, 2);
    const [first, second] = await list('/discoveries?state=open&sort=address');
    assert.equal(first.mac, macA);
    assert.ok(first.heldUntil);
    const taken = await admin().post(`/subnets/${home}/allocations`, {});
    assert.equal(taken.body.addresses[0].address, '10.0.0.3');
    const registered = await admin().post(`/discoveries/${first.id}/register`, {});
    assert.equal(registered.status, 201);
    assert.deepEqual([registered.body.hostname, registered.body.mac], ['new.example.net', macA]);
    const dismissed = await admin().post(`/discoveries/${second.id}/dismiss`, { note: 'mine' });
    assert.deepEqual([dismissed.body.state, dismissed.body.heldUntil], ['dismissed', null]);
    assert.equal((await admin().post(`/discoveries/${second.id}/dismiss`, {})).status, 409);
    await scan();
    assert.deepEqual(await list('/discoveries?state=open'), []);
    network.set('10.0.0.2', answers(macA));
    await scan();
    assert.equal((await list('/discoveries?state=open')).length, 1);
    assert.deepEqual(await faults(), []);
  });

  it('closes a discovery whose address somebody registers otherwise', async () => {
    network.set('10.0.0.1', answers());
    await scan();
    const id = await made('/addresses', { address: '10.0.0.1' });
    const [discovery] = await list('/discoveries');
    assert.deepEqual([discovery.state, discovery.addressId], ['registered', id]);
  });

  it('does not take a cut link for silence: all are unknown, with an alert, and up again afterwards', async () => {
    const gateway = '10.0.0.14';
    await admin().patch(`/subnets/${home}`, { gateway });
    const id = await made('/addresses', { address: '10.0.0.2' });
    network.set(gateway, answers());
    network.set('10.0.0.2', answers());
    await scan();
    const before = new Map(network);
    network.clear();
    for (let nth = 0; nth < 4; nth += 1) {
      const { seen, missed, unknown, unreachable } = await scan();
      assert.deepEqual([seen, missed, unknown], [0, 0, 14]);
      assert.deepEqual(unreachable, [home]);
    }
    assert.deepEqual(announced, [home]);
    const { observation } = await address(id);
    assert.deepEqual([observation.state, observation.misses], ['unknown', 0]);
    for (const [each, finding] of before) network.set(each, finding);
    assert.equal((await scan()).seen, 2);
    assert.equal((await address(id)).observation.state, 'up');
  });

  describe('of a subnet that is asked in two chunks', () => {
    const near = ['10.1.0.1', '10.1.0.2'];
    const far = ['10.1.4.1', '10.1.4.2'];
    let large: number;
    const answering = (...hosts: string[]) => {
      network.clear();
      for (const each of hosts) network.set(each, answers());
    };

    beforeEach(async () => {
      large = await made('/subnets', { cidr: '10.1.0.0/21' });
      answering(...near, ...far);
      await scan({ subnetIds: [large] });
    });

    it('announces a link that is cut in the middle once, and again after it was whole', async () => {
      cutAt = '10.1.3.255';
      await scan({ subnetIds: [large] });
      assert.deepEqual(announced, [large]);
      cutAt = undefined;
      for (let nth = 0; nth < 2; nth += 1) await scan({ subnetIds: [large] });
      assert.deepEqual(announced, [large], 'the same outage');
      answering(...near, ...far);
      assert.deepEqual((await scan({ subnetIds: [large] })).unreachable, []);
      answering();
      await scan({ subnetIds: [large] });
      assert.deepEqual(announced, [large, large], 'another one');
    });

    it('announces a part that stays away once, however often the rest answers', async () => {
      answering(...near);
      for (let nth = 0; nth < 3; nth += 1) await scan({ subnetIds: [large] });
      assert.deepEqual(announced, [large]);
    });

    it('announces an outage whose first chunk could not be asked before, either', async () => {
      answering(...far);
      for (const each of near) network.set(each, { verdict: 'unknown', error: 'no sockets' });
      network.set('10.1.0.3', answers());
      assert.deepEqual((await scan({ subnetIds: [large] })).unreachable, []);
      answering();
      network.set('10.1.0.3', { verdict: 'unknown', error: 'no sockets' });
      await scan({ cidr: '10.1.0.3/32' });
      network.clear();
      announced.length = 0;
      await scan({ subnetIds: [large] });
      assert.deepEqual(announced, [large]);
    });
  });

  it('takes the silence of one host for that while the gateway answers', async () => {
    await admin().patch(`/subnets/${home}`, { gateway: '10.0.0.14' });
    network.set('10.0.0.14', answers());
    network.set('10.0.0.2', answers());
    await made('/addresses', { address: '10.0.0.2' });
    await scan();
    network.delete('10.0.0.2');
    const { missed, unknown } = await scan();
    assert.deepEqual([missed, unknown], [13, 0]);
  });

  it('goes on where it was when its worker is lost, and counts nothing twice', async () => {
    const large = await made('/subnets', { cidr: '10.1.0.0/20' });
    pauseFor = 0;
    network.set('10.1.0.9', answers());
    const id = await made('/scans', { subnetIds: [large], mode: 'real', probes: ['wire'] });
    // As if the worker had died behind the second chunk.
    const db = register.db.query;
    network.set('10.1.8.1', { verdict: 'silent' });
    const dying = register.runQueued();
    await dying;
    const whole = (await admin().get(`/scans/${id}`)).body;
    assert.deepEqual([whole.state, whole.progress, whole.seen], ['done', { done: 4094, total: 4094 }, 1]);
    await db(
      `UPDATE scan SET state = 'running', finished_at = NULL, block_at = 0, reached = '10.1.7.255', done = 2047, missed = 2046
        WHERE id = $1`,
      [id],
    );
    await db(`DELETE FROM scan_result WHERE scan_id = $1 AND address > '10.1.7.255'`, [id]);
    asked.length = 0;
    await db(
      `UPDATE job_run SET state = 'queued', ticket = gen_random_uuid(), due_at = now(), finished_at = NULL WHERE name = 'scanner.sweep'
         AND data = $1`,
      [JSON.stringify({ scanId: id })],
    );
    await register.runQueued();
    const resumed = (await admin().get(`/scans/${id}`)).body;
    assert.deepEqual([resumed.progress.done, resumed.seen, resumed.missed], [4094, 1, 4093]);
    assert.equal(asked.length, 2047);
    const [{ rows } = { rows: 0 }] = await db<{ rows: number }>(
      'SELECT count(*)::int AS rows FROM scan_result WHERE scan_id = $1',
      [id],
    );
    assert.equal(rows, 4094);
  });

  it('waits for another one in the same subnet, and both come to an end', async () => {
    await register.owner.query(
      `INSERT INTO scan (mode, probes, state) VALUES ('mock', '{}', 'running');
       INSERT INTO scan_block SELECT max(id), 0, 1, 1, '10.0.0.0/30', true, true FROM scan`,
    );
    const { state } = await scan();
    assert.equal(state, 'queued');
    await register.runJob('scanner.tend');
    await register.db.query('UPDATE job_run SET due_at = now()');
    await register.runQueued();
    const states = (await list('/scans')).map((each: { state: string }) => each.state);
    assert.deepEqual(states, ['done', 'failed']);
  });

  it('is cancelled while it runs, within two seconds, and keeps what it has seen', async () => {
    pauseFor = 200;
    const id = await made('/scans', { subnetIds: [home], mode: 'real', probes: ['wire'] });
    const running = register.runQueued();
    while (asked.length < 2) await sleep(20);
    const began = Date.now();
    assert.equal((await admin().delete(`/scans/${id}`)).status, 204);
    await running;
    assert.ok(Date.now() - began < 2_000, `${Date.now() - began} ms`);
    const { body } = await admin().get(`/scans/${id}`);
    assert.equal(body.state, 'cancelled');
    assert.equal((await admin().delete(`/scans/${id}`)).status, 409);
    assert.deepEqual(await register.db.query('SELECT FROM scan_block WHERE is_active'), []);
  });

  it('is followed as it gets further, until it has ended', async () => {
    const id = await made('/scans', { subnetIds: [home], mode: 'real', probes: ['wire'] });
    const following = admin().get(`/scans/${id}/events`);
    await register.runQueued();
    const { text, headers } = await following;
    assert.match(headers['content-type'] ?? '', /^text\/event-stream/);
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
    assert.equal(events.at(-1).state, 'done');
    assert.equal(events.at(-1).progress.done, 14);
    assert.equal((await admin().get('/scans/999999/events')).status, 404);
  });

  it('is asked for by itself where the interval of a subnet is over', async () => {
    const changed = await admin().patch(`/subnets/${home}/scan-policy`, { scanInterval: 3_600 });
    assert.equal(changed.body.scanInterval, 3_600);
    await register.runJob('scanner.schedule');
    await register.runJob('scanner.schedule');
    await register.runQueued();
    assert.equal((await list('/scans')).length, 1);
    await register.runJob('scanner.schedule');
    assert.equal((await list('/scans')).length, 1);
    register.setClock(new Date(Date.now() + 3_700_000));
    await register.runJob('scanner.schedule');
    assert.equal((await list('/scans')).length, 2);
    register.setClock(new Date());
  });

  it('of one subnet asks as its policy says, where nothing else is asked for', async () => {
    const other = await made('/subnets', { cidr: '10.2.0.0/30' });
    await admin().patch(`/subnets/${other}/scan-policy`, { probes: ['wire'], ports: [22, 8443] });
    const how = async (body: object) => {
      const { body: begun } = await admin().post('/scans', body);
      const { probes, ports } = (await admin().get(`/scans/${begun.id}`)).body;
      return [probes, ports];
    };
    const policy = [['wire'], [22, 8443]];
    assert.deepEqual(await how({ subnetIds: [other] }), policy);
    assert.deepEqual(await how({ subnetIds: [other], ports: [443] }), [['wire'], [443]]);
    assert.notDeepEqual(await how({ subnetIds: [home] }), policy);
    assert.notDeepEqual(await how({ subnetIds: [home, other] }), policy, 'no one subnet speaks for several');
  });

  it('is not kept from subnets by the policy of another one that names a probe that is gone', async () => {
    const other = await made('/subnets', { cidr: '10.2.0.0/30' });
    for (const id of [home, other])
      await admin().patch(`/subnets/${id}/scan-policy`, { scanInterval: 3_600, probes: ['wire'] });
    await register.db.query(`UPDATE scan_policy SET probes = '{telepathy}' WHERE subnet_id = $1`, [home]);
    await register.runJob('scanner.schedule');
    const scans = await list('/scans');
    assert.deepEqual(
      scans.map((each: { subnetIds: number[] }) => each.subnetIds),
      [[other]],
    );
    const refused = await admin().patch(`/subnets/${home}/scan-policy`, { probes: ['telepathy'] });
    assert.deepEqual([refused.status, refused.body.errors?.[0]?.path], [422, 'body.probes']);
  });

  it('names what cannot be scanned', async () => {
    const code = async (body: object) => {
      const answer = await admin().post('/scans', body);
      return `${answer.status} ${answer.body.errors?.map(({ path }: { path: string }) => path)}`;
    };
    const nothing = await admin().post('/scans', {});
    assert.equal(nothing.body.detail, 'body.cidr: It is missing: say what to scan, by subnetIds or by cidr.');
    assert.equal(await code({ subnetIds: [999] }), '422 body.subnetIds');
    assert.equal(await code({ subnetIds: [home], probes: ['telepathy'], mode: 'real' }), '422 body.probes');
    assert.equal(await code({ subnetIds: [home], probes: ['telepathy'], mode: 'mock' }), '422 body.probes');
    assert.equal(await code({ cidr: '10.0.0.1/24' }), '422 body.cidr');
    assert.equal((await register.as('viewer').post('/scans', { subnetIds: [home] })).status, 403);
  });
});
