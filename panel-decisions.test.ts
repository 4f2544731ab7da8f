import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { allocation, scanner, users } from '#config/plugins';
import { definePlugin, recordActions, recordFacts } from '#core';
import { testCaller } from '#core/testing';
import { type PanelBrowser, type ServedPanel, servePanel } from './admin/testing/panel.ts';
import type { Finding } from './plugins/scanner/index.ts';
import { wirePlugin } from './plugins/scanner/testing/wire.ts';

/** Who answers, by address; the last address of a scan is answered for once somebody says so. */
const network = new Map<string, Partial<Finding>>();
let goOn: Promise<unknown> = Promise.resolve();

const wire = wirePlugin({ network, asked: () => goOn });

const ill = definePlugin({
  name: 'ill',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Knows nothing of what it is asked about.',
  setup(ctx) {
    const fail = (): never => {
      throw new Error('I have no idea.');
    };
    const action = { label: 'Guess', icon: 'X', post: '/scans', done: 'Guessed.' } as const;
    ctx.extend(recordFacts, { table: 'subnet', title: 'Ill', permission: 'scans:read', load: fail });
    ctx.extend(recordActions, { table: 'subnet', name: 'guess', action: { ...action, says: fail } });
    ctx.extend(recordActions, { table: 'subnet', name: 'doubt', action: { ...action, unless: fail } });
  },
});

describe('decisions in the panel', () => {
  let panel: ServedPanel;
  let engineer: PanelBrowser;

  before(async () => {
    panel = await servePanel([users, allocation, scanner, wire, ill]);
    const { host } = panel.register;
    const [email, password] = ['ada@example.net', 'engines need no sleep'];
    await host.api(users).createUser((work) => host.transact(testCaller(), work), {
      email,
      role: 'engineer',
      password,
      active: true,
      mustChangePassword: false,
    });
    engineer = panel.browser();
    await engineer.signIn(email, password).expect(303);
    await api().post('/subnets', [{ cidr: '10.0.1.0/29' }, { cidr: '10.0.2.0/29' }]);
  });
  after(() => panel.register.stop());
  beforeEach(() => {
    network.clear();
    goOn = Promise.resolve();
  });

  const api = () => panel.register.as('admin');
  const at = (model: string, id: number | string, action: string) =>
    `/admin/api/resources/${model}/records/${id}/${action}`;
  async function conflictAt(subnetId: number, address: string): Promise<number> {
    await api().post('/addresses', { address, mac: '02:00:00:00:00:0a' });
    network.set(address, { verdict: 'alive', macs: ['02:00:00:00:00:0b'] });
    await api().post('/scans', { subnetIds: [subnetId], mode: 'real', probes: ['wire'] });
    await panel.register.runQueued();
    return (await api().get(`/conflicts?address=${address}`)).body.items[0].id;
  }

  it('about several records lock their subnets in one order, as all others do', async () => {
    const ids = [await conflictAt(2, '10.0.2.2'), await conflictAt(1, '10.0.1.2')];
    const { query } = panel.register.db;
    const other = new pg.Client({ connectionString: panel.register.databaseUrl });
    await other.connect();
    try {
      await other.query('BEGIN; SELECT FROM subnet_usage WHERE subnet_id = 1 FOR UPDATE');
      const path = `/admin/api/resources/Conflict/bulk/keep-recorded-selected?recordIds=${ids}`;
      const [answer, free] = await Promise.all([
        engineer.post(path).field('note', 'All.'),
        (async () => {
          const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
          while ((await query(waiting)).length === 0) await sleep(5);
          const later = 'SELECT subnet_id FROM subnet_usage WHERE subnet_id = 2 FOR UPDATE SKIP LOCKED';
          const found = await query(later);
          await other.query('COMMIT');
          return found.length;
        })(),
      ]);
      assert.deepEqual([answer.body.notice.type, free], ['success', 1]);
    } finally {
      await other.end();
    }
  });

  it('are not in the way of a record where a plugin fails that has to say something of it', async () => {
    const { body } = await engineer.get(at('Subnet', 1, 'show')).expect(200);
    const { $actions, $facts } = body.record.params;
    const { scan, guess, doubt } = JSON.parse($actions);
    assert.match(scan.says, /10\.0\.1\.0\/29/);
    assert.match(guess.off, /could not be told/);
    assert.match(doubt.off, /could not be told/);
    assert.match($facts, /"Ill".*could not be loaded/);
    const list = await engineer.get('/admin/api/resources/Subnet/actions/list').expect(200);
    assert.equal(list.body.records.length, 2);
  });

  it('are followed for as long as the session lasts', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    goOn = promise;
    const { body } = await api().post('/scans', { subnetIds: [1], mode: 'real', probes: ['wire'] });
    const following = engineer.get(at('Scan', body.id, 'follow'));
    const [{ text }] = await Promise.all([
      following,
      panel.register.runQueued(),
      (async () => {
        while ((await api().get(`/scans/${body.id}`)).body.state !== 'running') await sleep(5);
        await engineer.post('/admin/logout');
        resolve();
      })(),
    ]);
    const states = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '').state);
    assert.ok(states.length > 0 && !states.includes('done'), `${states}`);
    assert.equal((await api().get(`/scans/${body.id}`)).body.state, 'done');
  });
});
