import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { customfields } from '#plugins/customfields';
import { devices } from '#plugins/devices';
import { notifiers } from '#plugins/notifiers';
import { scanner } from '#plugins/scanner';
import { sites } from '#plugins/sites';
import { subnets } from '#plugins/subnets';
import { tags } from '#plugins/tags';
import { vlans } from '#plugins/vlans';
import { pickNumbers } from './demo/plan.ts';
import { demoPlan, seedDemo } from './demo.ts';

const start = () =>
  startTestRegister([sites, vlans, devices, subnets, allocation, tags, customfields, notifiers, scanner]);
const seed = ({ host }: TestRegister) =>
  seedDemo(
    {
      transact: host.transact,
      sites: host.api(sites),
      vlans: host.api(vlans),
      devices: host.api(devices),
      subnets: host.api(subnets),
      allocation: host.api(allocation),
      tags: host.api(tags),
      customfields: host.api(customfields),
      scanner: host.api(scanner),
      notifiers: host.api(notifiers),
    },
    testCaller('seed'),
  );

/** All that was made, without what differs from one database to the next: ids and times. */
const contentOf = ({ db }: TestRegister) =>
  db.query(
    `SELECT v.name AS vrf, s.cidr AS block, s.name, s.status, s.tags, s.metadata, u.taken, u.children, NULL AS mac
       FROM subnet s JOIN vrf v ON v.id = s.vrf_id JOIN subnet_usage u ON u.subnet_id = s.id
     UNION ALL
     SELECT v.name, a.address, a.hostname, a.status, a.tags, a.metadata, a.version, a.address_id, a.mac
       FROM (SELECT *, extract(year FROM expires_at) AS address_id FROM address) a JOIN vrf v ON v.id = a.vrf_id
     ORDER BY vrf, block, tags`,
  );

describe('the demo network', () => {
  let register: TestRegister;
  before(async function () {
    this.timeout(60_000);
    register = await start();
    await seed(register);
  });
  after(() => register.stop());
  const none = async (what: string) => assert.deepEqual(await register.db.query(what), []);

  it('is two VRFs with subnets and addresses of every status, IPv4 and IPv6', async () => {
    const { subnets: planned } = demoPlan();
    const [made] = await register.db.query(
      'SELECT (SELECT count(*) FROM subnet) AS subnets, (SELECT count(*) FROM address) AS addresses',
    );
    const addresses = planned.reduce((sum, { hosts }) => sum + hosts.length, 0);
    assert.deepEqual(made, { subnets: planned.length, addresses });
    assert.ok(planned.length > 200 && addresses > 5000);
    const kinds = await register.db.query<{ kind: string; n: number }>(
      `SELECT concat(status, family(address)) AS kind, count(*) AS n FROM address GROUP BY 1 ORDER BY 1`,
    );
    assert.deepEqual(
      kinds.map(({ kind }) => kind),
      ['assigned4', 'assigned6', 'deprecated4', 'free4', 'quarantined4', 'reserved4', 'reserved6'],
    );
    assert.ok(kinds.every(({ n }) => n >= 20));
  });

  it('is the same in another database', async function () {
    this.timeout(60_000);
    const other = await start();
    try {
      await seed(other);
      assert.deepEqual(await contentOf(other), await contentOf(register));
    } finally {
      await other.stop();
    }
  });

  it('ranges from empty to nearly full', async () => {
    const [{ empty, low, middle, high } = assert.fail()] = await register.db.query<Record<string, number>>(
      `SELECT count(*) FILTER (WHERE percent = 0) AS empty, count(*) FILTER (WHERE percent BETWEEN 1 AND 30) AS low,
              count(*) FILTER (WHERE percent BETWEEN 30 AND 80) AS middle,
              count(*) FILTER (WHERE percent BETWEEN 90 AND 99) AS high
         FROM subnet s JOIN subnet_usage u ON u.subnet_id = s.id WHERE family(cidr) = 4 AND status <> 'container'`,
    );
    assert.ok([empty, low, middle, high].every((n) => Number(n) > 0));
  });

  it('keeps every rule: longest match, counters, spans, usable addresses, one machine per MAC address', async () => {
    await none(
      `SELECT a.address FROM address a JOIN subnet s ON s.vrf_id = a.vrf_id AND s.cidr >>= a.address
         JOIN subnet home ON home.id = a.subnet_id WHERE masklen(s.cidr) > masklen(home.cidr) OR NOT home.cidr >>= a.address`,
    );
    await none(
      `SELECT s.cidr FROM subnet s JOIN subnet_usage u ON u.subnet_id = s.id
         LEFT JOIN address a ON a.subnet_id = s.id AND a.status <> 'free'
        GROUP BY s.cidr, u.subnet_id HAVING count(a.id) <> u.taken`,
    );
    await none(
      `SELECT a.address FROM address a JOIN free_span f ON f.subnet_id = a.subnet_id
        WHERE a.status <> 'free' AND a.address BETWEEN f.start_ip AND f.end_ip`,
    );
    await none(
      `SELECT a.address FROM address a JOIN subnet s ON s.id = a.subnet_id
        WHERE a.address < first_usable(s.cidr, s.allow_network_and_broadcast)
           OR a.address > last_usable(s.cidr, s.allow_network_and_broadcast)`,
    );
    await none(
      'SELECT mac FROM address WHERE family(address) = 4 GROUP BY vrf_id, mac HAVING count(mac) > 1',
    );
    await none(
      `SELECT hostname FROM address WHERE hostname NOT LIKE 'xe-%' GROUP BY vrf_id, family(address), hostname
        HAVING count(hostname) > 1`,
    );
  });

  const get = async (path: string) => {
    const { status, body } = await register.as('viewer').get(path);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };

  it('stands at sites, in countries and cities', async () => {
    const { items } = await get('/sites?include=parent&limit=100');
    const { parent, facility, tags, customFields } = items.find(({ name }: never) => name === 'Frankfurt');
    assert.deepEqual([parent.name, facility, tags], ['Germany', 'FRA1', ['data-centre', 'fra']]);
    assert.match(customFields.contact, /^\w+ \w+$/);
    assert.equal((await get('/sites?within=Germany')).items.length, 4);
  });

  it('has VLANs in a group for each place, and subnets of both families in them', async () => {
    const [voice] = (await get('/vlans?group=muc&vid=132&include=subnets')).items;
    assert.deepEqual([voice.name, voice.role, voice.status], ['Voice', 'voice', 'active']);
    const { items } = await get('/subnets?vlan=muc/132');
    assert.deepEqual(
      items.map(({ cidr, customFields }: never) => [cidr, customFields]),
      ['10.2.32.0/24', '2001:db8:2:32::/64'].map((cidr) => [cidr, { zone: 'internal', costCentre: '1232' }]),
    );
    assert.equal((await get('/subnets?customFields.zone=guest&limit=100')).items.length, 14);
  });

  it('has devices with interfaces that hold addresses; the known ones by a primary address of each family', async () => {
    const [{ all, idle, strangers } = assert.fail()] = await register.db.query(
      `SELECT (SELECT count(*) FROM device) AS all,
              (SELECT count(*) FROM interface i WHERE NOT EXISTS (SELECT FROM address WHERE interface_id = i.id)
                 AND NOT EXISTS (SELECT FROM address_assignment WHERE interface_id = i.id)) AS idle,
              (SELECT count(*) FROM address a JOIN interface i ON i.id = a.interface_id WHERE a.mac <> i.mac) AS strangers`,
    );
    assert.ok(Number(all) > 1000);
    assert.deepEqual([idle, strangers], [0, 0]);
    const [server] = (await get('/devices?name=fra-pg-01&include=primaryAddresses,site')).items;
    assert.deepEqual(
      [
        server.site.name,
        server.vendor,
        server.primaryAddresses.ipv4.address,
        server.primaryAddresses.ipv6.address,
      ],
      ['Frankfurt', 'VMware', '10.8.30.10', '2001:db8:8:30::10'],
    );
    const [router] = (await get('/devices?name=zrh-cr1&include=interfaces')).items;
    const ports = router.interfaces.items ?? router.interfaces;
    assert.ok(
      ports.some(({ name }: never) => name === 'irb.116') && ports.some(({ name }: never) => name === 'lo0'),
    );
    await none(
      `SELECT s.cidr FROM subnet s JOIN address a ON a.vrf_id = s.vrf_id AND a.address = s.gateway WHERE a.interface_id IS NULL`,
    );
  });

  it('shares what several machines answer for', async () => {
    const holders = async (address: string) => {
      const [{ id }] = (await get(`/addresses?address=${address}`)).items;
      const { items } = await get(`/addresses/${id}/assignments`);
      return items.map(({ device }: { device: { name: string } }) => device.name);
    };
    assert.deepEqual(await holders('10.8.11.1'), ['fra-lb-01', 'fra-lb-02']);
    assert.equal((await holders('10.255.53.1')).length, 7);
  });

  it('has tags with colours, which hold for all that lies below a site', async () => {
    const [{ inheritedTags }] = (await get('/addresses?address=10.1.0.12&include=inheritedTags')).items;
    assert.deepEqual(
      inheritedTags.map(({ tag, from }: never) => [tag, (from as { cidr: string }).cidr]),
      [['zrh', '10.1.0.0/16']],
    );
    const [subnet] = (await get('/subnets?q=effectiveTag = fra and name contains "Databases" and family = 6'))
      .items;
    assert.equal(subnet.cidr, '2001:db8:8:30::/64');
    await none(`SELECT name FROM tag WHERE color !~ '^#[0-9a-f]{6}$'`);
  });

  it('shows gateways, ranges of DHCP servers and pools', async () => {
    const [made] = await register.db.query(
      `SELECT (SELECT count(*) FROM subnet WHERE gateway IS NOT NULL) = (SELECT count(*) FROM address WHERE role = 'gateway') AS gateways,
              (SELECT count(*) FROM ip_range WHERE purpose = 'dhcp') AS ranges, (SELECT count(*) FROM pool) AS pools`,
    );
    assert.deepEqual(made, { gateways: true, ranges: 14, pools: 2 });
    const { body } = await register.as('viewer').get('/subnets?cidr=10.1.64.0/24&vrf=global');
    assert.deepEqual([body.items[0].gateway, body.items[0].utilization.used], ['10.1.64.1', 242]);
  });

  it('was looked at: conflicts of each kind, open ones and decided ones, strangers, and notifiers that were told', async () => {
    const all = (await get('/conflicts?limit=100')).items as {
      kind: string;
      state: string;
      resolution: string;
      history: unknown[];
    }[];
    const open = all.filter(({ state }) => state === 'open');
    assert.deepEqual([...new Set(open.map(({ kind }) => kind))].sort(), [
      'duplicate-address',
      'hostname-mismatch',
      'mac-mismatch',
    ]);
    assert.deepEqual([...new Set(all.map(({ resolution }) => resolution ?? ''))].sort(), [
      '',
      'accept-observed',
      'keep-recorded',
      'release',
    ]);
    assert.equal(open.filter(({ history }) => history.length > 0).length, 1, 'one came back');
    const states = (await get('/discoveries')).items.map(({ state }: { state: string }) => state);
    assert.deepEqual(states.sort(), ['dismissed', 'open', 'open', 'open', 'open', 'open']);
    const { items } = await get('/scans');
    assert.deepEqual([items.length, items[0].state, items[0].mode], [3, 'done', 'mock']);
    const told = await register.as('auditor').get('/deliveries?limit=100');
    assert.ok(told.body.items.length > 10);
    const { body } = await register.as('auditor').get('/notifiers');
    assert.deepEqual(
      body.items.map(({ enabled }: { enabled: boolean }) => enabled),
      [false, false],
    );
    await none("SELECT job FROM (SELECT name AS job FROM job_run WHERE name LIKE 'scanner.%') each");
  });

  it('goes on as a network does: the lowest address that was handed back is handed out next', async () => {
    const { items } = await register.host
      .api(subnets)
      .subnets.list({ cidr: '10.1.16.0/24', vrf: ['global'] });
    const id = items[0]?.id as number;
    const free = await register.as('engineer').get(`/subnets/${id}/free`);
    const { body } = await register.as('engineer').post(`/subnets/${id}/allocations?dryRun=true`, {});
    const lowest = free.body.items
      .map(({ start }: { start: string }) => start)
      .find((ip: string) => !ip.endsWith('.0'));
    assert.equal(body.addresses[0].address, lowest);
  });

  it('is left alone by a second run', async () => {
    const before = await contentOf(register);
    assert.equal(await seed(register), undefined);
    assert.deepEqual(await contentOf(register), before);
  });

  it('is not mixed with what somebody has there already', async () => {
    const other = await start();
    try {
      await other.as('admin').post('/subnets', { cidr: '10.77.0.0/16' });
      await assert.rejects(seed(other), /wants all of 10\.0\.0\.0\/8, which has 10\.77\.0\.0\/16 already/);
      await other.as('admin').post('/vrfs', { name: 'plant' });
      await assert.rejects(seed(other), /a VRF plant that is not the demo's/);
    } finally {
      await other.stop();
    }
  });
});

describe('the numbers of the demo network', () => {
  it('are different ones, within their bounds, and the same for the same text', () => {
    const picked = pickNumbers('10.1.16', 10, 253, 200);
    assert.deepEqual(picked, pickNumbers('10.1.16', 10, 253, 200));
    assert.notDeepEqual(picked, pickNumbers('10.1.17', 10, 253, 200));
    assert.deepEqual(
      [new Set(picked).size, Math.min(...picked) >= 10, Math.max(...picked) <= 253],
      [200, true, true],
    );
  });
});
