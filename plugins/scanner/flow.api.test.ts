import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { audit } from '#plugins/audit';
import { scanner } from './index.ts';

describe('from a scan to a decision, on the simulated network', () => {
  let register: TestRegister;
  const admin = () => register.as('admin');

  before(async () => {
    register = await startTestRegister([allocation, scanner, audit]);
    await admin().post('/subnets', { cidr: '10.0.0.0/22' });
    const mac = (at: number) => `02:00:00:00:00:${at.toString(16).padStart(2, '0')}`;
    const hosts = Array.from({ length: 100 }, (_, at) => ({ address: `10.0.0.${at + 1}`, mac: mac(at) }));
    assert.equal((await admin().post('/addresses', hosts)).status, 201);
  });
  after(() => register.stop());

  it('finds conflicts and strangers, and has each of them decided', async () => {
    const { body: asking } = await admin().post('/scans', { cidr: '10.0.0.0/22' });
    await register.runQueued();
    const { body: scan } = await admin().get(`/scans/${asking.id}`);
    assert.equal(scan.state, 'done');
    assert.equal(scan.mode, 'mock');
    assert.equal(scan.seen + scan.missed + scan.unknown, scan.progress.total);
    const { body: page } = await admin().get('/conflicts?state=open&kind=mac-mismatch&include=addressRecord');
    assert.ok(page.items.length >= 1);
    for (const { addressRecord } of page.items) assert.equal(addressRecord.status, 'quarantined');
    const [conflict] = page.items;
    const solved = await admin().post(`/conflicts/${conflict.id}/resolve`, { resolution: 'accept-observed' });
    assert.equal(solved.status, 200);
    const { body: log } = await admin().get(`/audit-logs?entity=conflict&entityId=${conflict.id}`);
    assert.deepEqual(
      log.items.map(({ action }: { action: string }) => action),
      ['update', 'create'],
    );
    const { body: strangers } = await admin().get('/discoveries?state=open&limit=1000');
    assert.equal(strangers.items.length, scan.discovered);
    assert.ok(scan.discovered > 0);
  });

  it('knows after enough scans what the network holds, and sees nothing else', async () => {
    for (let nth = 0; nth < 3; nth += 1) {
      await admin().post('/scans', { cidr: '10.0.0.0/22' });
      await register.runQueued();
    }
    const [counts] = await register.db.query<{ up: number; silent: number; others: number }>(
      `SELECT count(*) FILTER (WHERE state = 'up')::int AS up, count(*) FILTER (WHERE state = 'silent')::int AS silent,
              count(*) FILTER (WHERE state = 'unknown')::int AS others FROM observation`,
    );
    const { body: scans } = await admin().get('/scans');
    assert.deepEqual([counts?.up, counts?.others], [scans.items[0].seen, 0]);
  });
});

describe('a scan that sends packets', () => {
  it('sees who listens on the loopback, and who refuses', async () => {
    const register = await startTestRegister([scanner], {
      env: { CADASTRE_SCANNER_ALLOW_LOOPBACK: '1', CADASTRE_SCANNER_PACKETS_PER_SECOND: '0' },
    });
    const server = createServer((socket) => void socket.on('error', () => undefined).destroy()).listen(
      0,
      '127.0.0.5',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const admin = register.as('admin');
    const { body: subnet } = await admin.post('/subnets', { cidr: '127.0.0.0/29' });
    const wish = { subnetIds: [subnet.id], mode: 'real', probes: ['tcp'], ports: [port] };
    const { body: asking } = await admin.post('/scans', wish);
    await register.runQueued();
    const { body: scan } = await admin.get(`/scans/${asking.id}`);
    assert.deepEqual([scan.state, scan.seen, scan.error], ['done', 6, null]);
    const { body: results } = await admin.get(`/scans/${asking.id}/results?sort=address`);
    const open = results.items.filter(({ openPorts }: { openPorts: number[] }) => openPorts.includes(port));
    assert.deepEqual(
      open.map(({ address }: { address: string }) => address),
      ['127.0.0.5'],
    );
    server.close();
    await once(server, 'close');
    await register.stop();
  });
});
