import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { vlans } from './index.ts';

interface VidRange {
  start: number;
  end: number;
}

const vid = fc.integer({ min: 1, max: 4094 });
const ranges = fc.array(
  fc.tuple(vid, fc.integer({ min: 0, max: 40 })).map(
    ([start, more]): VidRange => ({
      start,
      end: Math.min(start + more, 4094),
    }),
  ),
  { minLength: 1, maxLength: 12 },
);
const members = (of: readonly VidRange[]): number[] =>
  [
    ...new Set(
      of.flatMap(({ start, end }) => Array.from({ length: end - start + 1 }, (_, nth) => start + nth)),
    ),
  ].sort((a, b) => a - b);

describe('the rules of VLANs in the database', () => {
  let register: TestRegister;
  /** As somebody in psql. */
  let psql: pg.Client;
  before(async () => {
    register = await startTestRegister([vlans]);
    psql = new pg.Client({ connectionString: register.applicationUrl });
    await psql.connect();
  });
  after(async () => {
    await psql.end();
    await register.stop();
  });
  const query = async <Row>(text: string, values: unknown[] = []) =>
    (await psql.query(text, values)).rows as Row[];
  afterEach(async () => {
    await query('DELETE FROM vlan');
    await query(`DELETE FROM vlan_group WHERE name <> 'default'`);
  });

  const json = JSON.stringify;
  const refusal = (constraint: string) => ({ constraint });
  async function makeGroup(name: string, vidRanges: readonly VidRange[]): Promise<number> {
    const [row] = await query<{ id: number }>(
      'INSERT INTO vlan_group (name, vid_ranges) VALUES ($1, $2) RETURNING id',
      [name, json(vidRanges)],
    );
    return (row as { id: number }).id;
  }
  const add = (group: number, ...vids: number[]) =>
    query('INSERT INTO vlan (group_id, vid, name) SELECT $1, vid, vid FROM unnest($2::int[]) vid', [
      group,
      vids,
    ]);
  const setRanges = (id: number, vidRanges: unknown) =>
    query('UPDATE vlan_group SET vid_ranges = $2 WHERE id = $1', [id, json(vidRanges)]);

  it('keep ranges ascending, apart from each other, and with the same VIDs, however they were given', async () => {
    await fc.assert(
      fc.asyncProperty(ranges, async (given) => {
        const id = await makeGroup('a', given);
        const [row] = await query<{ ranges: VidRange[] }>(
          'DELETE FROM vlan_group WHERE id = $1 RETURNING vid_ranges AS ranges',
          [id],
        );
        const kept = row?.ranges ?? [];
        assert.deepEqual(members(kept), members(given));
        for (const [nth, { start, end }] of kept.entries()) {
          assert.ok(start <= end);
          assert.ok(start > (kept[nth - 1]?.end ?? -1) + 1, 'what is adjacent is one range');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('find as free what is in the ranges and is no VLAN', async () => {
    await fc.assert(
      fc.asyncProperty(ranges, fc.array(fc.nat({ max: 500 }), { maxLength: 30 }), async (given, picks) => {
        const all = members(given);
        const taken = [...new Set(picks.map((pick) => all[pick % all.length] as number))];
        const id = await makeGroup('a', given);
        await add(id, ...taken);
        const rows = await query<{ vid: number }>(
          'SELECT vid FROM unnest(free_vids($1)) r, generate_series(lower(r), upper(r) - 1) vid ORDER BY vid',
          [id],
        );
        assert.deepEqual(
          rows.map((row) => row.vid),
          all.filter((each) => !taken.includes(each)),
        );
        await query('DELETE FROM vlan WHERE group_id = $1', [id]);
        await query('DELETE FROM vlan_group WHERE id = $1', [id]);
      }),
      { numRuns: 40 },
    );
  });

  it('refuse what are no ranges of VIDs', async () => {
    for (const nonsense of [
      [],
      [{ start: 0, end: 9 }],
      [{ start: 1, end: 4095 }],
      [{ start: 5 }],
      [{ end: 5 }],
      [{}],
      [7],
    ])
      await assert.rejects(
        makeGroup('a', nonsense as VidRange[]),
        refusal('vlan_group_vid_ranges_check'),
        json(nonsense),
      );
    for (const nonsense of [
      [{ start: 9, end: 5 }],
      [{ start: 'a', end: 5 }],
      [{ start: 1.5, end: 5 }],
      { start: 1, end: 5 },
    ])
      await assert.rejects(makeGroup('a', nonsense as VidRange[]), json(nonsense));
  });

  it('keep every VID within the ranges of its group, once', async () => {
    const id = await makeGroup('access', [{ start: 100, end: 199 }]);
    await add(id, 100, 199);
    await assert.rejects(add(id, 99), refusal('vlan_vid_in_group'));
    await assert.rejects(add(id, 200), /The VLAN group access has the VIDs 100-199, and 200 is none of them/);
    await assert.rejects(add(id, 100), refusal('vlan_vid_key'));
    await assert.rejects(add(1, 4095), refusal('vlan_vid_check'));
    await assert.rejects(add(999, 5), refusal('vlan_group_fkey'));
    await add(1, 5000 - 4999, 99);
    await assert.rejects(
      query('UPDATE vlan SET group_id = $1 WHERE vid = 99', [id]),
      refusal('vlan_vid_in_group'),
    );
    await assert.rejects(query('UPDATE vlan SET vid = 98 WHERE vid = 199'), refusal('vlan_vid_in_group'));
  });

  it('let no range shrink under VLANs, and name some of them', async () => {
    const id = await makeGroup('access', [{ start: 100, end: 199 }]);
    await add(id, 100, 150, 199);
    await setRanges(id, [
      { start: 150, end: 300 },
      { start: 90, end: 149 },
    ]);
    await assert.rejects(
      setRanges(id, [{ start: 100, end: 120 }]),
      /2 VLANs of the group would lie outside of its ranges: 150, 199$/,
    );
    await assert.rejects(
      setRanges(id, [{ start: 101, end: 300 }]),
      /A VLAN of the group would lie outside of its ranges: 100$/,
    );
    await add(id, ...Array.from({ length: 12 }, (_, nth) => 200 + nth));
    await assert.rejects(
      setRanges(id, [{ start: 1, end: 199 }]),
      /12 VLANs .*: 200, 201, 202, 203, 204, 205, 206, 207, 208, 209, …$/,
    );
  });

  it('keep a group while VLANs lie in it, and the group default for ever', async () => {
    const id = await makeGroup('access', [{ start: 100, end: 199 }]);
    await add(id, 100);
    const remove = () => query('DELETE FROM vlan_group WHERE id = $1', [id]);
    await assert.rejects(remove, /1 VLAN lies in this group/);
    await add(id, 101);
    await assert.rejects(remove, /2 VLANs lie in this group/);
    await query('DELETE FROM vlan');
    await remove();
    await assert.rejects(
      query(`DELETE FROM vlan_group WHERE name = 'default'`),
      refusal('vlan_group_default_stays'),
    );
    await assert.rejects(
      query(`UPDATE vlan_group SET name = 'other' WHERE name = 'default'`),
      refusal('vlan_group_default_stays'),
    );
    await query(`UPDATE vlan_group SET description = 'Ours' WHERE name = 'default'`);
  });

  describe('hold for two at once', () => {
    let one: pg.Client;
    let other: pg.Client;
    beforeEach(async () => {
      [one, other] = [0, 1].map(() => new pg.Client({ connectionString: register.applicationUrl })) as [
        pg.Client,
        pg.Client,
      ];
      await Promise.all([one.connect(), other.connect()]);
    });
    afterEach(() => Promise.all([one.end(), other.end()]));

    /** Ends the first transaction once the other waits for it. */
    async function commitOnceAwaited(): Promise<void> {
      const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while ((await query(waiting)).length === 0) await setTimeout(5);
      await one.query('COMMIT');
    }

    it('who takes a VID waits for who takes it out of the ranges, and is refused', async () => {
      const id = await makeGroup('access', [{ start: 100, end: 199 }]);
      await one.query('BEGIN');
      await one.query('UPDATE vlan_group SET vid_ranges = $2 WHERE id = $1', [
        id,
        json([{ start: 100, end: 149 }]),
      ]);
      const taking = other.query(`INSERT INTO vlan (group_id, vid, name) VALUES ($1, 150, 'late')`, [id]);
      await Promise.all([assert.rejects(taking, refusal('vlan_vid_in_group')), commitOnceAwaited()]);
    });

    it('who shrinks the ranges waits for who takes a VID, and is refused', async () => {
      const id = await makeGroup('access', [{ start: 100, end: 199 }]);
      await one.query('BEGIN');
      await one.query(`INSERT INTO vlan (group_id, vid, name) VALUES ($1, 150, 'first')`, [id]);
      const shrinking = other.query('UPDATE vlan_group SET vid_ranges = $2 WHERE id = $1', [
        id,
        json([{ start: 100, end: 149 }]),
      ]);
      await Promise.all([assert.rejects(shrinking, refusal('vlan_group_ranges_hold')), commitOnceAwaited()]);
    });
  });
});
