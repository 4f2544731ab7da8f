import type { TestRegister } from '#core/testing';
import { around, type Block, bitsOf, blockOf, blockText, type Ip, ipOf, ipText, sizeOf } from './ip.ts';
import type { Random } from './random.ts';
import { merge, renumber, resize, split, type Told, told } from './reshape-model.ts';
import { type ModelSubnet, Refused, type SpaceModel } from './space-model.ts';
import type { SubnetRow } from './space-state.ts';
import type { Step } from './step.ts';

interface Answer {
  subnets: { cidr: string }[];
  changes: { action: string; entity: string; key: string }[];
  rehomed: { from: string; to: string; addresses: number }[];
}

/** A subnet of the register, and where a model has it. */
interface Chosen {
  row: SubnetRow;
  of(space: SpaceModel): ModelSubnet;
}

/** A random step that gives a subnet another block. */
export function reshapeStep(
  random: Random,
  register: TestRegister,
  rows: readonly SubnetRow[],
  anyIp: () => Ip,
): Step | undefined {
  if (rows.length === 0) return undefined;
  const make = random.pick(makers);
  const row = make === mergeStep ? withSibling(random, rows) : random.pick(rows);
  if (!row) return undefined;
  const chosen = { row, of: (space: SpaceModel) => modelOf(space, row) };
  const keepsNothing = random.chance(0.15);
  const { path, body, work } = make(random, chosen, rows, anyIp);
  return {
    name: `${path} ${row.vrf} ${row.cidr} ${JSON.stringify(body)}${keepsNothing ? ' (dry run)' : ''}`,
    keepsNothing,
    model: (space) => told(space, () => work(space)),
    register: async () => {
      const query = keepsNothing ? '?dryRun=true' : '';
      const answer = await register.as('engineer').post(`/subnets/${row.id}/${path}${query}`, body);
      if (answer.status >= 400) throw new Refused(String(answer.body.type).split(':').at(-1) ?? '');
      return linesOf(answer.body);
    },
  };
}

type Maker = (
  random: Random,
  chosen: Chosen,
  rows: readonly SubnetRow[],
  anyIp: () => Ip,
) => { path: string; body: object; work(space: SpaceModel): ModelSubnet[] };

const splitStep: Maker = (random, { row, of }) => {
  const { family, length } = blockOf(row.cidr);
  const most = bitsOf(family);
  const longer = () => Math.min(length + random.int(1, 4), most);
  const lengths = random.chance(0.5) ? longer() : Array.from({ length: random.int(1, 4) }, longer);
  const isPart = length < most;
  return {
    path: 'split',
    body: typeof lengths === 'number' ? { prefixLength: lengths } : { prefixLengths: lengths },
    work(space) {
      if (!isPart) throw new Refused('invalid');
      return split(space, of(space), lengths);
    },
  };
};

const mergeStep: Maker = (random, { row, of }, rows) => {
  const { family, first, length } = blockOf(row.cidr);
  const whole = around({ family, value: first }, Math.max(0, length - random.int(1, 2)));
  const siblings = rows.filter(
    (each) => each.id !== row.id && each.vrf === row.vrf && each.parentId === row.parentId,
  );
  const fitting = siblings.filter(({ cidr }) => {
    const block = blockOf(cidr);
    return (
      block.family === family &&
      sizeOf(block) < sizeOf(whole) &&
      around({ family, value: block.first }, whole.length).first === whole.first
    );
  });
  const others = random.chance(0.2) ? random.some(rows, 2) : fitting;
  const members = others.length === 0 ? [row] : others;
  return {
    path: 'merge',
    body: { subnetIds: members.map(({ id }) => id) },
    work: (space) =>
      merge(
        space,
        of(space),
        members.map((each) => modelOf(space, each)),
      ),
  };
};

const resizeStep: Maker = (random, { row, of }, _rows, anyIp) => {
  const block = blockOf(row.cidr);
  const { family, first, length } = block;
  const to = random.pick([
    () => around({ family, value: first }, Math.max(0, length - random.int(1, 3))),
    () => around({ family, value: first }, Math.max(0, length - random.int(1, 3))),
    () => insideOf(random, block),
    () => insideOf(random, block),
    () => insideOf(random, block),
    () => around(anyIp(), random.int(24, 32)),
  ])();
  return { path: 'resize', body: { cidr: blockText(to) }, work: (space) => resize(space, of(space), to) };
};

const renumberStep: Maker = (random, { row, of }, _rows, anyIp) => {
  const { family, length } = blockOf(row.cidr);
  const [near] = [anyIp(), anyIp(), anyIp()].filter((ip) => ip.family === family);
  const to = around(near ?? anyIp(), random.chance(0.9) ? length : Math.max(0, length - 1));
  return { path: 'renumber', body: { cidr: blockText(to) }, work: (space) => renumber(space, of(space), to) };
};

/** Nearly always one that has a sibling to be merged with. */
function withSibling(random: Random, rows: readonly SubnetRow[]): SubnetRow | undefined {
  if (random.chance(0.1)) return random.pick(rows);
  const shared = Map.groupBy(rows, ({ vrf, parentId }) => `${vrf} ${parentId}`);
  const withSiblings = [...shared.values()].filter((each) => each.length > 1).flat();
  return withSiblings.length === 0 ? undefined : random.pick(withSiblings);
}

function insideOf(random: Random, { family, first, length }: Block): Block {
  const longer = Math.min(length + random.int(1, 3), bitsOf(family));
  const part = random.int(0, 2 ** (longer - length) - 1);
  return { family, first: first + BigInt(part) * sizeOf({ family, first, length: longer }), length: longer };
}

const makers = [
  splitStep,
  splitStep,
  mergeStep,
  mergeStep,
  resizeStep,
  resizeStep,
  renumberStep,
  renumberStep,
];

function modelOf(space: SpaceModel, { vrf, cidr }: SubnetRow): ModelSubnet {
  const text = blockText(blockOf(cidr));
  const found = [...space.subnets.values()].find(
    (each) => each.vrf === vrf && blockText(each.block) === text,
  );
  if (!found) throw new Error(`the model has no ${cidr}`);
  return found;
}

/** Changes, subnets and moves of addresses in the model's words. */
function linesOf({ subnets, changes, rehomed }: Answer): Told {
  const full = (key: string) =>
    key.includes('/')
      ? blockText(blockOf(key))
      : key
          .split('-')
          .map((ip) => ipText(ipOf(ip)))
          .join('-');
  return {
    subnets: subnets.map(({ cidr }) => full(cidr)).sort(),
    changes: changes.map(({ action, entity, key }) => `${action} ${entity} ${full(key)}`).sort(),
    rehomed: rehomed.map(({ from, to, addresses }) => `${full(from)} to ${full(to)}: ${addresses}`).sort(),
  };
}
