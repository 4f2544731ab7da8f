import assert from 'node:assert/strict';
import type { RunQuery } from '#core';
import { assertNoDrift, assertRolledUp } from './branches.ts';
import { bitsOf, blockIn, blockOf, ipOf, type Span } from './ip.ts';
import { keyOf, SpaceModel } from './space-model.ts';

export interface SubnetRow {
  id: number;
  vrf: number;
  cidr: string;
  parentId: number | null;
  countedFirst: string;
  countedLast: string;
  total: string;
  children: string;
  ranged: string;
  taken: string;
  reserved: string;
  quarantined: string;
  childCount: number;
  percent: number;
  freeFrom: string | null;
  status: string;
  edges: boolean;
}

export interface AddressRow {
  id: number;
  vrf: number;
  address: string;
  subnetId: number;
  status: string;
  cooling: boolean;
  expires: boolean;
}

export interface RangeRow {
  id: number;
  vrf: number;
  start: string;
  end: string;
  allocatable: boolean;
  counted: boolean;
}

interface SpanRow {
  subnetId: number;
  start: string;
  end: string;
  cooling: boolean;
  /** Cooled down, but not merged yet. */
  due: boolean;
  isNextDueKept: boolean;
  room: number;
}

/** What the database holds, row by row. */
export interface SpaceRows {
  subnets: SubnetRow[];
  addresses: AddressRow[];
  ranges: RangeRow[];
  spans: SpanRow[];
}

export async function readRows(query: RunQuery): Promise<SpaceRows> {
  return {
    subnets: await query(`SELECT id, vrf_id AS vrf, cidr, parent_id AS "parentId", status,
        allow_network_and_broadcast AS edges, counted_first AS "countedFirst", counted_last AS "countedLast", total,
        children, ranged, taken, reserved, quarantined, child_count AS "childCount",
        percent::float8, free_from AS "freeFrom"
      FROM subnet LEFT JOIN subnet_usage ON subnet_id = id`),
    addresses: await query(`SELECT id, vrf_id AS vrf, address, subnet_id AS "subnetId", status,
        status = 'free' AND coalesce(available_at > now(), false) AS cooling,
        expires_at IS NOT NULL AS expires FROM address`),
    ranges: await query(`SELECT id, vrf_id AS vrf, start_ip AS start, end_ip AS "end", allocatable,
        count_as_used AS counted FROM ip_range`),
    spans: await query(`SELECT subnet_id AS "subnetId", start_ip AS start, end_ip AS "end", room,
        coalesce(available_at > now(), false) AS cooling, coalesce(available_at <= now(), false) AS due,
        available_at IS NULL OR coalesce(next_due <= available_at, false) AS "isNextDueKept"
      FROM free_span LEFT JOIN subnet_usage USING (subnet_id) ORDER BY subnet_id, end_ip`),
  };
}

/** Runs of addresses that are free now, and have only been kept apart until somebody looks, as one. */
function merged(rows: readonly SpanRow[]): (Span & { cooling: boolean })[] {
  const spans: (Span & { cooling: boolean; due: boolean })[] = [];
  for (const { start, end, cooling, due } of rows) {
    const span = { first: ipOf(start).value, last: ipOf(end).value, cooling, due };
    const before = spans.at(-1);
    if (before && !before.cooling && !cooling && (before.due || due) && before.last + 1n === span.first) {
      Object.assign(before, { last: span.last, due: true });
    } else spans.push(span);
  }
  return spans.map(({ first, last, cooling }) => ({ first, last, cooling }));
}

function roomOf(family: 4 | 6, span: Span): number {
  for (let length = 0; length < bitsOf(family); length += 1) if (blockIn(family, span, length)) return length;
  return bitsOf(family);
}

/** Throws where the database and the model do not agree on everything. */
export function compare({ subnets, addresses, ranges, spans }: SpaceRows, model: SpaceModel): void {
  const keyById = new Map(subnets.map(({ id, vrf, cidr }) => [id, keyOf(vrf, blockOf(cidr))]));
  const spansOf = Map.groupBy(spans, ({ subnetId }) => subnetId);
  const homes = addresses.map(({ vrf, address, subnetId, status, cooling, expires }) => ({
    address: `${vrf} ${JSON.stringify(ipOf(address), asText)}`,
    home: keyById.get(subnetId),
    status,
    cooling,
    expires,
  }));
  const wantedHomes = [...model.addresses.values()].map((each) => {
    const home = model.homeOf(each);
    return {
      address: `${each.vrf} ${JSON.stringify(each.ip, asText)}`,
      home: home && keyOf(home.vrf, home.block),
      status: each.status,
      cooling: each.cooling,
      expires: each.expires === true,
    };
  });
  const byAddress = (a: { address: string }, b: { address: string }) => (a.address < b.address ? -1 : 1);
  assert.deepEqual(homes.sort(byAddress), wantedHomes.sort(byAddress), 'addresses');
  assert.deepEqual([...keyById.values()].sort(), [...model.subnets.keys()].sort(), 'subnets');
  assert.deepEqual(
    [...new Set(spansOf.keys())].filter((id) => !keyById.has(id)),
    [],
    'spans of no subnet',
  );

  const rangeText = (vrf: number, first: bigint, last: bigint, allocatable: boolean, counted: boolean) =>
    `${vrf} ${first}-${last} ${allocatable} ${counted}`;
  assert.deepEqual(
    ranges
      .map(({ vrf, start, end, allocatable, counted }) =>
        rangeText(vrf, ipOf(start).value, ipOf(end).value, allocatable, counted),
      )
      .sort(),
    [...model.ranges.values()]
      .map(({ vrf, first, last, allocatable, counted }) => rangeText(vrf, first, last, allocatable, counted))
      .sort(),
    'ranges',
  );

  for (const row of subnets) {
    const block = blockOf(row.cidr);
    const subnet = model.subnets.get(keyOf(row.vrf, block));
    assert.ok(subnet);
    const parent = model.above(row.vrf, block);
    assert.equal(
      row.parentId === null ? undefined : keyById.get(row.parentId),
      parent && keyOf(parent.vrf, parent.block),
      `the parent of ${row.cidr}`,
    );
    const own = spansOf.get(row.id) ?? [];
    const wanted = model.spans(subnet);
    assert.deepEqual(merged(own), wanted, `the spans of ${row.cidr} in ${row.vrf}`);
    const usage = {
      countedFirst: ipOf(row.countedFirst).value,
      countedLast: ipOf(row.countedLast).value,
      total: BigInt(row.total),
      children: BigInt(row.children),
      ranged: BigInt(row.ranged),
      taken: BigInt(row.taken),
      reserved: BigInt(row.reserved),
      quarantined: BigInt(row.quarantined),
      childCount: row.childCount,
      percent: row.percent,
    };
    assert.deepEqual(usage, model.usage(subnet), `the counters of ${row.cidr} in ${row.vrf}`);
    assert.deepEqual([row.status, row.edges], [subnet.status, subnet.edges]);
    const [lowest] = model.free(subnet, 1).ips;
    // A cooled address that nobody merged yet may lie below; it lowers the bound when it is merged.
    if (row.freeFrom !== null && lowest && !own.some(({ due }) => due)) {
      assert.ok(ipOf(row.freeFrom).value <= lowest.value, `free_from of ${row.cidr} hides a free address`);
    }
    for (const span of own) {
      const [first, last] = [ipOf(span.start).value, ipOf(span.end).value];
      assert.equal(span.room, roomOf(block.family, { first, last }), `the room of ${span.start}-${span.end}`);
      assert.ok(span.isNextDueKept, `next_due of ${row.cidr} is later than ${span.start}`);
    }
  }
}

function asText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** Throws unless everything that the database derives follows from its subnets and addresses. */
export async function assertExact(query: RunQuery): Promise<SpaceRows> {
  const rows = await readRows(query);
  const model = new SpaceModel();
  for (const { vrf, cidr, status, edges } of rows.subnets) {
    model.createSubnet(vrf, blockOf(cidr), status, edges);
  }
  for (const { vrf, address, status, cooling, expires } of rows.addresses) {
    model.put(vrf, ipOf(address), status, cooling, expires);
  }
  for (const { vrf, start, end, allocatable, counted } of rows.ranges) {
    const [first, last] = [ipOf(start), ipOf(end)];
    model.createRange({
      vrf,
      family: first.family,
      first: first.value,
      last: last.value,
      allocatable,
      counted,
    });
  }
  compare(rows, model);
  await assertNoDrift(query);
  await query('SELECT fold_rollup(id) FROM vrf');
  await assertRolledUp(query, model);
  return rows;
}
