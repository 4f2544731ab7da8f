import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { lastOf, readBlock } from './domain/block.ts';
import { subnets } from './index.ts';

interface Item {
  id: number;
  vrfId: number;
  cidr: string;
  address: string;
  name: string | null;
  hostname: string | null;
  status: string;
  mac: string | null;
  tags: string[];
  expiresAt: string | null;
  utilization: { percent: number };
}

/** The first and last address of a block, or an address twice, as numbers that tell the families apart. */
function bounds(text: string): [bigint, bigint] {
  const block = readBlock(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`);
  assert.ok(block.ok);
  const family = BigInt(block.value.family) << 130n;
  return [family + block.value.first, family + lastOf(block.value)];
}

const isWithin = (inner: string, outer: string): boolean => {
  const [[a, b], [from, to]] = [bounds(inner), bounds(outer)];
  return a >= from && b <= to;
};

describe('q', () => {
  let register: TestRegister;
  let blueId: number;
  const all: Record<'subnets' | 'addresses', Item[]> = { subnets: [], addresses: [] };

  before(async () => {
    register = await startTestRegister([subnets]);
    const engineer = register.as('engineer');
    blueId = (await engineer.post('/vrfs', { name: 'blue' })).body.id;
    const names = ['Lab 1', 'lab "two"', 'Office', null, "O'Brien"];
    for (const [n, vrf] of ['global', 'blue', 'global', 'blue'].entries()) {
      const base = n < 2 ? '10.0' : '192.168';
      await engineer.post('/subnets', { cidr: `${base}.0.0/16`, vrf, status: 'container', tags: ['top'] });
      for (let k = 0; k < 5; k += 1) {
        const tags = [['dmz'], ['dmz', 'wifi'], ['wifi'], [], []][k];
        await engineer.post('/subnets', { cidr: `${base}.${k}.0/${30 - k}`, vrf, name: names[k], tags });
        for (let a = 1; a <= 2 - (k % 2); a += 1) {
          await engineer.post('/addresses', {
            address: `${base}.${k}.${a}`,
            vrf,
            hostname: k === 3 ? null : `h${a}.lab-${k}.example`,
            mac: a === 1 ? `00:00:00:00:0${n}:0${k}` : null,
            status: ['assigned', 'reserved', 'quarantined'][(k + a) % 3],
            tags,
            expiresAt: k === 2 ? `2030-01-0${n + 1}T00:00:00Z` : null,
          });
        }
      }
    }
    await engineer.post('/subnets', { cidr: '2001:db8::/48', name: 'Six' });
    await engineer.post('/addresses', { address: '2001:db8::1' });
    for (const list of ['subnets', 'addresses'] as const)
      all[list] = (await engineer.get(`/${list}?limit=1000`)).body.items;
  });
  after(() => register.stop());

  const ask = (list: string, q: string) =>
    register.as('viewer').get(`/${list}?limit=1000&q=${encodeURIComponent(q)}`);
  const isBlue = ({ vrfId }: Item) => vrfId === blueId;
  const has = (text: string | null, part: string) => (text ?? '').toLowerCase().includes(part);

  const cases: [keyof typeof all, string, (item: Item) => boolean][] = [
    [
      'subnets',
      'cidr within 10.0.0.0/8 and vrf = blue and utilization > 20 and (tag = dmz or name contains "lab")',
      (s) =>
        isWithin(s.cidr, '10.0.0.0/8') &&
        isBlue(s) &&
        s.utilization.percent > 20 &&
        (s.tags.includes('dmz') || has(s.name, 'lab')),
    ],
    ['subnets', 'cidr withinInclude 10.0.0.0/16', (s) => isWithin(s.cidr, '10.0.0.0/16')],
    [
      'subnets',
      'cidr within 10.0.0.0/16',
      (s) => isWithin(s.cidr, '10.0.0.0/16') && s.cidr !== '10.0.0.0/16',
    ],
    ['subnets', 'cidr contains 192.168.1.1', (s) => isWithin('192.168.1.1', s.cidr)],
    [
      'subnets',
      'cidr = 10.0.0.0/30 or cidr = 2001:DB8:0::/48',
      (s) => ['10.0.0.0/30', '2001:db8::/48'].includes(s.cidr),
    ],
    ['subnets', 'vrf != blue', (s) => !isBlue(s)],
    ['subnets', 'not (vrf in (blue, nowhere))', (s) => !isBlue(s)],
    ['subnets', 'tag != dmz', (s) => !s.tags.includes('dmz')],
    ['subnets', 'tag = dmz and tag = wifi', (s) => s.tags.includes('dmz') && s.tags.includes('wifi')],
    [
      'subnets',
      'not (tag = dmz and tag = wifi)',
      (s) => !(s.tags.includes('dmz') && s.tags.includes('wifi')),
    ],
    [
      'subnets',
      'tag not in (dmz, wifi) AND tag is not empty',
      (s) => s.tags.length > 0 && !s.tags.includes('dmz') && !s.tags.includes('wifi'),
    ],
    ['subnets', 'name is empty', (s) => !s.name],
    ['subnets', 'not name contains lab', (s) => !has(s.name, 'lab')],
    [
      'subnets',
      `name = 'lab "two"' or name = "O'Brien"`,
      (s) => s.name === 'lab "two"' || s.name === "O'Brien",
    ],
    [
      'subnets',
      'utilization >= 50 or not utilization > 0',
      (s) => s.utilization.percent >= 50 || s.utilization.percent === 0,
    ],
    [
      'subnets',
      'prefixLength > 27 and family = 4 and status != container',
      (s) => Number(s.cidr.split('/')[1]) > 27 && !s.cidr.includes(':'),
    ],
    ['subnets', 'parentId is empty', (s) => ['/16', '/48'].some((end) => s.cidr.endsWith(end))],
    [
      'addresses',
      'address within 10.0.0.0/8 and status in (reserved, quarantined)',
      (a) => isWithin(a.address, '10.0.0.0/8') && a.status !== 'assigned',
    ],
    ['addresses', 'address > 192.168.3.1', (a) => bounds(a.address)[0] > bounds('192.168.3.1')[0]],
    [
      'addresses',
      'mac = 0000.0000.0102 or mac is empty',
      (a) => a.mac === '00:00:00:00:01:02' || a.mac === null,
    ],
    [
      'addresses',
      'hostname contains LAB-1 or hostname is empty',
      (a) => a.hostname === null || has(a.hostname, 'lab-1'),
    ],
    ['addresses', 'hostname != h1.lab-1.example', (a) => a.hostname !== 'h1.lab-1.example'],
    [
      'addresses',
      'expiresAt < 2030-01-02T01:00:00+01:00',
      (a) => a.expiresAt !== null && a.expiresAt < '2030-01-02T00:00:00Z',
    ],
    [
      'addresses',
      'not expiresAt < 2030-01-02T00:00:00Z and vrf = blue',
      (a) => isBlue(a) && !(a.expiresAt !== null && a.expiresAt < '2030-01-02'),
    ],
    ['addresses', 'role is empty and family = 6', (a) => a.address.includes(':')],
  ];
  for (const [list, q, holds] of cases) {
    it(`of ${list}: ${q}`, async () => {
      const { status, body } = await ask(list, q);
      assert.equal(status, 200, JSON.stringify(body));
      const wanted = all[list].filter(holds).map(({ id }) => id);
      assert.ok(wanted.length > 0 && wanted.length < all[list].length, 'the test tests something');
      assert.deepEqual(
        body.items.map(({ id }: Item) => id),
        wanted,
      );
    });
  }

  it('names the id of a VRF too, and goes with filters on the lists below a subnet', async () => {
    const top = all.subnets.find((s) => s.cidr === '10.0.0.0/16' && !isBlue(s)) as Item;
    const path = `/subnets/${top.id}/children?tag=dmz&q=${encodeURIComponent('name contains two')}`;
    const { body } = await register.as('viewer').get(path);
    assert.deepEqual(
      body.items.map(({ cidr }: Item) => cidr),
      ['10.0.1.0/29'],
    );
    assert.equal(
      (await ask('subnets', `vrf = ${blueId}`)).body.items.length,
      all.subnets.filter(isBlue).length,
    );
  });

  for (const [list, q, code, message] of [
    [
      'subnets',
      'vrf=blue and utilisation > 80',
      'unknown-field',
      'q, column 14: there is no field "utilisation"; did you mean "utilization"?',
    ],
    ['subnets', 'cidr within 10.0.0.5/24', 'bad-value', /^q, column 13: .*10\.0\.0\.0\/24\?$/],
    [
      'subnets',
      'utilization > high',
      'bad-value',
      'q, column 15: "high" is not possible here: It must be a number',
    ],
    [
      'subnets',
      'vrf > blue',
      'bad-operator',
      'q, column 5: "vrf" does not take ">"; it takes =, !=, in, is empty, is not empty.',
    ],
    ['addresses', 'mac = 12', 'bad-value', /^q, column 7: "12" is not a MAC address/],
    ['addresses', "hostname = 'x", 'bad-query', /^q, column 12: this quote is never closed/],
    ['addresses', "hostname = x'; DROP TABLE address; --", 'bad-query', /^q, column 13/],
  ] as const) {
    it(`of ${list} refuses ${q}`, async () => {
      const { status, body } = await ask(list, q);
      assert.deepEqual([status, body.errors[0].path, body.errors[0].code], [422, 'query.q', code]);
      if (typeof message === 'string') assert.equal(body.errors[0].message, message);
      else assert.match(body.errors[0].message, message);
    });
  }

  it('takes what looks like SQL for the text it is', async () => {
    const text = `x' OR 1=1); DROP TABLE address; --`;
    for (const q of [
      `hostname = "${text}"`,
      `tag = "${text}"`,
      `vrf = "${text}"`,
      `description contains "${text}"`,
    ]) {
      const { status, body } = await ask('addresses', q);
      assert.deepEqual([status, body.items], [200, []], q);
    }
    assert.equal((await ask('addresses', 'id > 0')).body.items.length, all.addresses.length);
  });

  it('is refused where it is given twice, is too long or holds what cannot be stored', async () => {
    const { get } = register.as('viewer');
    assert.equal((await get('/subnets?q=id=1&q=id=2')).status, 422);
    assert.equal((await get(`/subnets?q=name=${'x'.repeat(2000)}`)).status, 422);
    assert.equal((await get('/subnets?q=name=%00')).body.errors[0].code, 'not-storable');
    assert.equal((await get('/subnets?q=name=%ff')).status, 200);
    assert.equal((await get('/vrfs?q=name=blue')).status, 422);
  });
});
