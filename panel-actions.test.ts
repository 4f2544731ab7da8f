import assert from 'node:assert/strict';
import { allocation, devices, notifiers, scanner } from '#config/plugins';
import { type PanelBrowser, type ServedPanel, servePanel } from './admin/testing/panel.ts';
import type { Finding } from './plugins/scanner/index.ts';
import { wirePlugin } from './plugins/scanner/testing/wire.ts';

/** Who answers, by address. */
const network = new Map<string, Partial<Finding>>();

const wire = wirePlugin({ network });

const [own, other] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'];
const hostile = '</script><img src=x onerror=alert(1)>.example.';
type Params = Record<string, string>;

describe('buttons of plugins in the panel', () => {
  let panel: ServedPanel;
  let engineer: PanelBrowser;
  let viewer: PanelBrowser;
  let home: number;
  const at = (model: string, id: number | string, action: string) =>
    `/admin/api/resources/${model}/records/${id}/${action}`;

  before(async () => {
    panel = await servePanel([allocation, devices, notifiers, scanner, wire]);
    [engineer, viewer] = [await panel.signedIn('engineer'), await panel.signedIn('viewer')];
    home = (await panel.register.as('admin').post('/subnets', { cidr: '10.0.0.0/28' })).body.id;
  });
  after(() => panel.register.stop());
  beforeEach(async () => {
    network.clear();
    await panel.register.owner.query(
      'DELETE FROM address; DELETE FROM conflict; DELETE FROM discovery; DELETE FROM observation; DELETE FROM space_hold; DELETE FROM scan',
    );
  });

  const api = () => panel.register.as('admin');
  async function scan(subnet = home): Promise<number> {
    const { body } = await api().post('/scans', { subnetIds: [subnet], mode: 'real', probes: ['wire'] });
    await panel.register.runQueued();
    return body.id;
  }
  /** So many addresses on which register and network disagree; answers their conflicts. */
  async function conflicts(...hosts: number[]): Promise<{ id: number; addressId: number }[]> {
    for (const host of hosts) {
      await api().post('/addresses', { address: `10.0.0.${host}`, mac: own, hostname: `h${host}.example` });
      network.set(`10.0.0.${host}`, { verdict: 'alive', macs: [other as string], ptr: hostile });
    }
    await scan();
    return (await api().get('/conflicts?sort=address')).body.items;
  }
  const statusOf = async (id: number) => (await api().get(`/addresses/${id}`)).body.status;
  const shown = async (model: string, id: number, who = engineer) =>
    (await who.get(at(model, id, 'show')).expect(200)).body.record;

  it('say of each record what they would do to it, and why they cannot', async () => {
    const [conflict] = (await conflicts(2)) as [{ id: number; addressId: number }];
    const before = await shown('Conflict', conflict.id);
    const says = JSON.parse(before.params.$actions);
    assert.match(
      says['accept-observed'].says,
      /^10\.0\.0\.2 gets the MAC 02:00:00:00:00:0b .* assigned again/,
    );
    assert.match(says.release.says, /is freed/);
    assert.equal(says['keep-recorded'].off, undefined);
    const lines = JSON.parse(before.params.$lines) as { label: string; differs: boolean; after: string }[];
    assert.deepEqual(
      lines.map(({ label, differs }) => `${label} ${differs}`),
      ['MAC true', 'Host name true', 'Device false', 'Status false'],
    );
    assert.equal(lines[1]?.after, hostile);
    const page = await engineer.get(`/admin/resources/Conflict/records/${conflict.id}/show`).expect(200);
    assert.ok(!page.text.includes('<img src=x'));
    await api().post(`/conflicts/${conflict.id}/resolve`, { resolution: 'release' });
    const after = JSON.parse((await shown('Conflict', conflict.id)).params.$actions);
    assert.match(after.release.off, /resolved already, by .* \(release\)/);
  });

  it('resolve a conflict in each of the three ways, with a note, and show what has become of it', async () => {
    const found = await conflicts(2, 3, 4);
    const ways = ['accept-observed', 'keep-recorded', 'release'] as const;
    const statuses: string[] = [];
    for (const [nth, way] of ways.entries()) {
      const { id, addressId } = found[nth] as { id: number; addressId: number };
      assert.equal(await statusOf(addressId), 'quarantined');
      const { body } = await engineer
        .post(at('Conflict', id, way))
        .field('note', 'Looked at it.')
        .expect(200);
      assert.deepEqual(
        [body.notice.type, body.record.params.state, body.record.params.resolution, body.record.params.note],
        ['success', 'resolved', way, 'Looked at it.'],
      );
      statuses.push(await statusOf(addressId));
    }
    assert.deepEqual(statuses, ['assigned', 'assigned', 'free']);
  });

  it('are refused to a viewer by the server, and in words where it is too late', async () => {
    const [{ id, addressId }] = (await conflicts(2)) as [{ id: number; addressId: number }];
    await viewer.post(at('Conflict', id, 'release')).expect(403);
    await viewer.post(`/admin/api/resources/Conflict/bulk/release-selected?recordIds=${id}`).expect(403);
    assert.deepEqual(
      (await shown('Conflict', id, viewer)).recordActions.map(({ name }: { name: string }) => name),
      ['show'],
    );
    assert.equal(await statusOf(addressId), 'quarantined');
    const stale = await engineer
      .post(at('Conflict', id, 'release'))
      .field('version', '99')
      .expect(200);
    assert.deepEqual(
      [stale.body.notice.type, /changed it since you opened it/.test(stale.body.notice.message)],
      ['error', true],
    );
    await engineer.post(at('Conflict', id, 'keep-recorded')).expect(200);
    const late = await engineer.post(at('Conflict', id, 'release')).expect(200);
    assert.match(late.body.notice.message, /was resolved by .* \(keep-recorded\)/);
    await engineer.get(at('Conflict', id, 'release')).expect(200);
    assert.equal(await statusOf(addressId), 'assigned', 'GET shows alone');
    await engineer.post('/admin/api/resources/Conflict/records/999999/release').expect(404);
  });

  it('stand at the lines of a list, of which the open ones come first, and the figures of the first page lead there', async () => {
    const found = await conflicts(2, 3, 4);
    await panel.register.db.query(
      "UPDATE conflict SET detected_at = now() - interval '9 days' WHERE id = $1",
      [found[0]?.id],
    );
    await engineer.post(at('Conflict', found[2]?.id ?? 0, 'keep-recorded')).expect(200);
    const { body } = await viewer
      .get('/admin/api/resources/Conflict/actions/list?sortBy=detectedAt&direction=desc')
      .expect(200);
    assert.deepEqual(
      body.records.map(({ params }: { params: Params }) => params.address),
      ['10.0.0.3', '10.0.0.2', '10.0.0.4'],
    );
    const { cards } = (await viewer.get('/admin/api/dashboard').expect(200)).body;
    const content = (title: string) => cards.find((card: { title: string }) => card.title === title).content;
    assert.deepEqual(content('Inbox').figures[0], {
      label: 'Grave conflicts',
      value: 2,
      link: { model: 'Conflict', filter: { state: 'open', severity: 'high' } },
    });
    const [last] = content('Last scans').rows;
    assert.deepEqual([last.cells.block, last.cells.state, last.cells.conflicts], ['10.0.0.0/28', 'done', 3]);
  });

  it('resolve several at once, all or none', async () => {
    const found = await conflicts(2, 3, 4);
    const [first, second, third] = found as { id: number }[] as [
      { id: number },
      { id: number },
      { id: number },
    ];
    const bulk = (way: string, ...ids: number[]) =>
      engineer
        .post(`/admin/api/resources/Conflict/bulk/${way}-selected?recordIds=${ids}`)
        .field('note', 'All.');
    await engineer.post(at('Conflict', third.id, 'keep-recorded')).expect(200);
    const refused = (await bulk('release', first.id, third.id)).body;
    assert.match(JSON.stringify(refused), /Nothing was changed: 10\.0\.0\.4: .*was resolved/);
    const open = async () => (await api().get('/conflicts?state=open')).body.items.length;
    assert.equal(await open(), 2);
    const { body } = await bulk('keep-recorded', first.id, second.id).expect(200);
    assert.deepEqual([body.notice.type, await open()], ['success', 0]);
  });

  it('resolve several by REST, as other lists are changed', async () => {
    const found = await conflicts(2, 3);
    const wishes = found.map(({ id }) => ({ id, resolution: 'keep-recorded' }));
    assert.equal((await panel.register.as('viewer').patch('/conflicts', wishes)).status, 403);
    const { status, body } = await panel.register.as('engineer').patch('/conflicts', wishes);
    assert.deepEqual([status, body.items?.length ?? body.length], [200, 2]);
    const again = await panel.register.as('engineer').patch('/conflicts', wishes);
    assert.equal(again.status, 409);
  });

  it('register a discovery and lead to its address, or dismiss it', async () => {
    network.set('10.0.0.5', { verdict: 'alive', macs: [own as string], ptr: 'printer.example.' });
    network.set('10.0.0.6', { verdict: 'alive', macs: [other as string] });
    await scan();
    const { body } = await engineer
      .get('/admin/api/resources/Discovery/actions/list?sortBy=address')
      .expect(200);
    const records = body.records as { id: string; params: Params }[];
    const [printer, guest] = records.sort((a, b) =>
      (a.params.address ?? '') < (b.params.address ?? '') ? -1 : 1,
    );
    assert.match(printer?.params.$facts ?? '', /"02:00:00:00:00:0a".*printer\.example/);
    assert.match(
      JSON.parse(printer?.params.$actions ?? '').register.says,
      /host name printer\.example unless/,
    );
    const made = await engineer.post(at('Discovery', printer?.id ?? '', 'register')).expect(200);
    const [, address] = /Address\/records\/(\d+)\/show$/.exec(made.body.redirectUrl) ?? [];
    const { hostname, mac } = (await api().get(`/addresses/${address}`)).body;
    assert.deepEqual([hostname, mac], ['printer.example', own]);
    const gone = await engineer.post(at('Discovery', guest?.id ?? '', 'dismiss')).field('note', 'A guest.');
    assert.deepEqual(
      [gone.body.record.params.state, gone.body.record.params.note],
      ['dismissed', 'A guest.'],
    );
    assert.match(
      JSON.stringify((await shown('Address', Number(address))).params.$facts),
      /Observed.*printer\.example/,
    );
  });

  it('scan a subnet, show how far that is as it goes on, and cancel it', async () => {
    await viewer.post(at('Subnet', home, 'scan')).expect(403);
    const wrong = await engineer
      .post(at('Subnet', home, 'scan'))
      .field('mode', 'real')
      .field('probes', 'telepathy');
    assert.match(wrong.body.notice.message, /no probe telepathy/);
    const asked = await engineer
      .post(at('Subnet', home, 'scan'))
      .field('mode', 'real')
      .field('probes', 'wire')
      .field('ports', '22, 443');
    const [, id = ''] = /Scan\/records\/(\d+)\/show$/.exec(asked.body.redirectUrl) ?? [];
    const following = viewer.get(at('Scan', id, 'follow'));
    const [{ text, headers }] = await Promise.all([following, panel.register.runQueued()]);
    assert.match(headers['content-type'] ?? '', /^text\/event-stream/);
    const told = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
    assert.deepEqual([told.at(-1).state, told.at(-1).done, told.at(-1).total], ['done', 14, 14]);
    assert.match(JSON.parse(told.at(-1).$actions).cancel.off, /It has ended: it is done/);
    assert.deepEqual((await api().get(`/scans/${id}`)).body.ports, [22, 443]);
    const other = await api().post('/scans', { subnetIds: [home], mode: 'real', probes: ['wire'] });
    const { body } = await engineer.post(at('Scan', other.body.id, 'cancel')).expect(200);
    assert.deepEqual([body.notice.type, body.record.params.state], ['success', 'cancelled']);
    const late = await engineer.post(at('Scan', other.body.id, 'cancel')).expect(200);
    assert.match(late.body.notice.message, /is cancelled already/);
    assert.ok(!body.record.recordActions.some(({ name }: { name: string }) => name === 'delete'));
  });

  it('show on the page of a scan who answered, and as what, up to twenty', async () => {
    await api().post('/addresses', { address: '10.0.0.2', mac: own });
    network.set('10.0.0.2', { verdict: 'alive', macs: [other as string], ptr: hostile });
    network.set('10.0.0.9', { verdict: 'alive' });
    const answersOf = async (id: number) =>
      JSON.parse((await shown('Scan', id, viewer)).params.$facts)
        .filter(({ title }: { title: string }) => title === 'Who answered')
        .flatMap(({ facts }: { facts: { label: string; value: string }[] }) =>
          facts.map(({ label, value }) => [label, value]),
        );
    assert.deepEqual(await answersOf(await scan()), [
      ['10.0.0.2', `mac-mismatch, ${other}, ${hostile.replace(/\.$/, '')}`],
      ['10.0.0.9', 'unregistered'],
    ]);
    const large = (await api().post('/subnets', { cidr: '10.3.0.0/26' })).body.id;
    for (let host = 1; host <= 22; host += 1) network.set(`10.3.0.${host}`, { verdict: 'alive' });
    const id = await scan(large);
    const answers = await answersOf(id);
    assert.deepEqual(answers.at(19), ['10.3.0.20', 'unregistered']);
    assert.deepEqual(answers.slice(20), [['2 more', `GET /api/v1/scans/${id}/results?outcome=seen`]]);
  });

  it('follow nothing that cannot be followed, and nobody who is not signed in', async () => {
    await engineer.get(at('Scan', 999_999, 'follow')).expect(404);
    await engineer.get(at('Conflict', 1, 'follow')).expect(404);
    await panel
      .browser()
      .get(at('Scan', 1, 'follow'))
      .expect(401);
  });

  it('send a delivery again, and are refused in the words of REST', async () => {
    const settings = { url: 'http://127.0.0.1:9/' };
    const hook = { name: 'hook', kind: 'webhook', events: ['device.deleted'], settings };
    const { body: notifier } = await api().post('/notifiers', hook);
    const [row] = await panel.register.db.query<{ id: number }>(
      `INSERT INTO delivery (notifier_id, event, summary, payload, actor, change_id, state, finished_at)
        VALUES ($1, 'device.deleted', 'It is gone', '{}', 'test', gen_random_uuid(), 'failed', now()) RETURNING id`,
      [notifier.id],
    );
    const path = at('Delivery', row?.id ?? 0, 'redeliver');
    await (await panel.signedIn('auditor')).post(path).expect(403);
    assert.equal((await engineer.post(path).expect(200)).body.record.params.state, 'pending');
    await api().patch(`/notifiers/${notifier.id}`, { enabled: false });
    assert.equal((await engineer.post(path)).body.notice.message, 'Enable the notifier hook first.');
  });

  it('delete a record with what it holds, as the form chose', async () => {
    const { body: device } = await api().post('/devices', { name: 'sw1' });
    await api().post('/addresses', { address: '10.0.0.9', deviceId: device.id });
    const remove = () => engineer.post(at('Device', device.id, 'delete'));
    assert.equal((await remove()).body.notice.type, 'error');
    const { notice } = (await remove().field('addresses', 'release')).body;
    assert.equal(notice.type, 'success', notice.message);
  });
});
