import assert from 'node:assert/strict';
import { Receiver, startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { audit } from '#plugins/audit';
import { notifiers } from '#plugins/notifiers';
import { scanner } from './index.ts';
import { hosts } from './testing/ask.ts';
import { needsNamespaces, TestNetwork } from './testing/namespaces.ts';

describe('a scan, by real packets', function () {
  this.timeout(60_000);
  let network: TestNetwork;
  let register: TestRegister;
  let subnet: number;
  let up: string[];
  let macs: string[];
  const receiver = new Receiver();
  const admin = () => register.as('admin');

  before(async function () {
    needsNamespaces(this);
    network = TestNetwork.start();
    const { prefix } = network;
    up = hosts(prefix, 10, 49);
    macs = network.addHosts(up.map((address) => ({ addresses: [address] })));
    await network.listen(443, up.slice(0, 5));
    await network.nameServer(up[0] as string, { [up[1] as string]: 'web.example.test' });
    await receiver.open();
    register = await startTestRegister([allocation, notifiers, scanner, audit], {
      env: {
        CADASTRE_SCANNER_PACKETS_PER_SECOND: '0',
        CADASTRE_SCANNER_WORKER_PACKETS_PER_SECOND: '0',
        CADASTRE_SCANNER_TIMEOUT_MS: '400',
        CADASTRE_SCANNER_DENY: `${prefix}.250/31`,
      },
    });
    subnet = await made('/subnets', { cidr: network.cidr, gateway: network.gateway });
    for (const [nth, address] of up.entries()) await made('/addresses', { address, mac: macs[nth] });
    await made('/notifiers', {
      name: 'on call',
      kind: 'webhook',
      events: ['conflict.detected', 'subnet.unreachable', 'scan.finished'],
      settings: { url: receiver.url },
    });
    const policy = { resolver: up[0] };
    const { status, body } = await admin().patch(`/subnets/${subnet}/scan-policy`, policy);
    assert.equal(status, 200, JSON.stringify(body));
  });
  after(async () => {
    await register?.stop();
    await network?.stop();
    await receiver.close();
  });

  async function made(path: string, body: object): Promise<number> {
    const answer = await admin().post(path, body);
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    return answer.body.id;
  }
  async function scan() {
    const id = await made('/scans', {
      subnetIds: [subnet],
      mode: 'real',
      probes: ['icmp', 'tcp', 'arp', 'dns'],
      ports: [443],
    });
    await register.runQueued();
    const { body } = await admin().get(`/scans/${id}`);
    assert.equal(body.state, 'done', JSON.stringify(body));
    return body;
  }
  /** What was told of an event since it was last asked; everything else is forgotten. */
  const told = (event: string) =>
    receiver
      .taken()
      .map(({ json }) => json)
      .filter((json) => json.event === event);
  const list = async (path: string) => (await admin().get(path)).body.items;
  const one = async (address: string) => (await list(`/addresses?address=${address}&include=observation`))[0];
  const conflicts = () => list('/conflicts?state=open');
  const resolve = async (id: number, resolution: string) => {
    const { status, body } = await admin().post(`/conflicts/${id}/resolve`, {
      resolution,
      note: 'looked at it',
    });
    assert.equal(status, 200, JSON.stringify(body));
  };

  it('sees exactly those that are up, with MACs, open ports and names, and asks nobody else', async () => {
    const capture = await network.capture();
    const done = await scan();
    const asked = [...(await capture.stop())].filter((address) => address.includes('.'));
    // The prober is .1 and answers itself.
    assert.deepEqual([done.seen, done.unknown, done.conflicts], [41, 0, 0]);
    const seen = await list(`/scans/${done.id}/results?outcome=seen&limit=100`);
    assert.deepEqual(
      seen.map(({ address }: { address: string }) => address).sort(),
      [network.gateway, ...up].sort(),
    );
    const { observation } = await one(up[1] as string);
    assert.deepEqual(
      [observation.state, observation.mac, observation.openPorts, observation.ptr],
      ['up', macs[1], [443], 'web.example.test'],
    );
    assert.deepEqual((await one(up[7] as string)).observation.openPorts, []);
    const allowed = new Set(hosts(network.prefix, 1, 249).concat(hosts(network.prefix, 252)));
    assert.deepEqual(
      asked.filter((address) => !allowed.has(address)),
      [],
    );
    assert.ok(asked.length > 240);
  });

  it('quarantines the address of a host that was moved, and each of the three resolutions ends that', async () => {
    const address = up[20] as string;
    network.removeAddress(address, 21);
    const elsewhere = network.addHost(address);
    for (const [resolution, status, mac] of [
      ['keep-recorded', 'assigned', macs[20]],
      ['accept-observed', 'assigned', elsewhere],
    ]) {
      told('');
      await scan();
      const [conflict, ...others] = await conflicts();
      assert.deepEqual(others, []);
      const notified = told('conflict.detected');
      assert.deepEqual(
        notified.map(({ actor, summary, data }) => ({ actor, summary, data })),
        [
          {
            actor: 'job:scanner.sweep',
            summary: `${address}: mac-mismatch (high).`,
            data: {
              id: conflict.id,
              vrfId: conflict.vrfId,
              address,
              addressId: conflict.addressId,
              kind: 'mac-mismatch',
              severity: 'high',
              recorded: conflict.recorded,
              observed: conflict.observed,
              again: resolution === 'accept-observed',
            },
          },
        ],
      );
      assert.deepEqual(
        [conflict.kind, conflict.address, conflict.recorded.mac, conflict.observed.mac],
        ['mac-mismatch', address, macs[20], elsewhere],
      );
      assert.equal((await one(address)).status, 'quarantined');
      await resolve(conflict.id, resolution as string);
      const now = await one(address);
      assert.deepEqual([now.status, now.mac], [status, mac]);
    }
    await scan();
    assert.deepEqual(await conflicts(), []);
    network.removeAddress(address, 41);
    network.addHost(address);
    await scan();
    await resolve((await conflicts())[0].id, 'release');
    assert.equal((await one(address)).status, 'free');
  });

  it('finds two that answer for one address', async () => {
    const address = up[30] as string;
    network.addHost(address);
    await scan();
    const [conflict] = await list('/conflicts?state=open&kind=duplicate-address');
    assert.equal(conflict.address, address);
    assert.equal((await one(address)).status, 'quarantined');
  });

  it('says of nobody behind a cut link that it is down, tells of it once, and sees all again when the link is back', async () => {
    network.cut();
    told('');
    const cut = await scan();
    assert.deepEqual([cut.seen, cut.missed, cut.unreachable], [1, 0, [subnet]]); // seen is the prober itself
    assert.equal((await one(up[3] as string)).observation.state, 'unknown');
    const [alert, ...others] = told('subnet.unreachable');
    assert.deepEqual(others, []);
    assert.deepEqual(
      [alert?.summary, alert?.data],
      [
        `Everybody in ${network.cidr} fell silent together: it cannot be told how they are.`,
        { scanId: cut.id, subnetId: subnet, vrfId: 1, cidr: network.cidr, canary: network.gateway },
      ],
    );
    const still = await scan();
    assert.deepEqual(still.unreachable, [subnet]);
    assert.deepEqual(told('subnet.unreachable'), [], 'the same outage is no news');

    network.mend();
    const mended = await scan();
    assert.equal(mended.seen, 41);
    assert.equal((await one(up[3] as string)).observation.state, 'up');
    // That it is back is told by the end of a scan that sees them; the duplicate is still there, and the address that was released.
    const ends = receiver.taken().map(({ json }) => json);
    assert.deepEqual(
      ends.map(({ event, summary }) => [event, summary]),
      [['scan.finished', `Scan ${mended.id} is done: 41 seen, 1 conflict, 1 discovered.`]],
    );

    network.cut();
    await scan();
    assert.equal(told('subnet.unreachable').length, 1, 'another outage is');
  });
});
