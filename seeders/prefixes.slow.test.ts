import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { loadPrefixes } from './prefixes.ts';

/** A block, read and compared here by means of its own: nothing of the plugin is used to check the plugin. */
interface Block {
  bits: 32 | 128;
  first: bigint;
  length: number;
}

function read(text: string): Block {
  const [address = '', length = ''] = text.split('/');
  if (!address.includes(':')) {
    const first = address.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return { bits: 32, first, length: Number(length) };
  }
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  const first = groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
  return { bits: 128, first, length: Number(length) };
}

const inOrder = (a: Block, b: Block) =>
  a.bits - b.bits || (a.first < b.first ? -1 : a.first > b.first ? 1 : a.length - b.length);

/** The key of the block of some length around another. */
const around = ({ bits, first }: Block, length: number) => {
  const host = BigInt(bits - length);
  return `${bits} ${(first >> host) << host} ${length}`;
};

const keyOf = (block: Block) => around(block, block.length);

/** Every block with its parent, by one walk over them in order: what is on the stack encloses what comes next. */
function parentsOf(blocks: readonly Block[]): Map<string, string | null> {
  const stack: Block[] = [];
  const parents = new Map<string, string | null>();
  for (const block of blocks.toSorted(inOrder)) {
    while (stack.length > 0) {
      const top = stack.at(-1) as Block;
      if (top.bits === block.bits && around(block, top.length) === around(top, top.length)) break;
      stack.pop();
    }
    parents.set(keyOf(block), stack.length > 0 ? keyOf(stack.at(-1) as Block) : null);
    stack.push(block);
  }
  return parents;
}

const folder = process.env.CADASTRE_SAMPLE_DATA;

(folder ? describe : describe.skip)('seeding every prefix of the world', () => {
  let register: TestRegister;
  let blocks: Block[];
  const file = join(folder ?? '', 'rir-country-prefixes.csv.gz');
  before(async () => {
    register = await startTestRegister([subnets]);
    const lines = gunzipSync(await readFile(file))
      .toString()
      .trim()
      .split('\n')
      .slice(1);
    blocks = lines.map((line) => read(line.slice(0, line.indexOf(','))));
  });
  after(() => register.stop());

  it('finds the parent of each, and of the containers around them, in one statement', async () => {
    const own = new Set(blocks.map(keyOf));
    const levels = { 32: [8, 16], 128: [20, 32] };
    const containers = new Map<string, Block>();
    for (const block of blocks) {
      for (const length of levels[block.bits].filter((level) => level < block.length)) {
        const key = around(block, length);
        const first = BigInt(key.split(' ')[1] as string);
        if (!own.has(key)) containers.set(key, { ...block, first, length });
      }
    }
    const { transact } = register.host;
    const { vrfs } = register.host.api(subnets);
    const loaded = await loadPrefixes({ transact, vrfs }, testCaller('seed'), { file, containers: true });
    assert.deepEqual(
      [loaded.read, loaded.created, loaded.containers, loaded.existing],
      [blocks.length, own.size, containers.size, blocks.length - own.size],
    );

    const parents = parentsOf([...blocks, ...containers.values()]);
    const children = Map.groupBy(parents.values(), (parent) => parent);
    const rows = await register.db.query<{ cidr: string; parent: string | null; children: number }>(
      `SELECT s.cidr, p.cidr AS parent, u.child_count AS children FROM subnet s
         JOIN subnet_usage u ON u.subnet_id = s.id LEFT JOIN subnet p ON p.id = s.parent_id`,
    );
    assert.equal(rows.length, parents.size);
    for (const row of rows) {
      const key = keyOf(read(row.cidr));
      assert.equal(row.parent === null ? null : keyOf(read(row.parent)), parents.get(key), row.cidr);
      assert.equal(row.children, children.get(key)?.length ?? 0, row.cidr);
    }
  });
});
