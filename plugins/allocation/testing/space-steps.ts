import type pg from 'pg';
import { Problem, type Tx } from '#core';
import { type TestRegister, testCaller } from '#core/testing';
import { subnets as subnetsPlugin } from '#plugins/subnets';
import { allocation } from '../index.ts';
import { around, type Block, bitsOf, blockText, hostBlock, type Ip, ipOf, ipText, lastOf } from './ip.ts';
import type { Random } from './random.ts';
import { reshapeStep } from './reshape-steps.ts';
import {
  type ModelRange,
  type ModelSubnet,
  type ModelWish,
  Refused,
  type SpaceModel,
} from './space-model.ts';
import type { AddressRow, SpaceRows } from './space-state.ts';
import type { Step } from './step.ts';

/** The answer, or the code of the refusal. */
export async function outcomeOf(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof Refused || fault instanceof Problem) return fault.code;
    const { constraint } = fault as { constraint?: string };
    if (constraint) return constraint;
    throw fault;
  }
}

const statuses = ['assigned', 'assigned', 'reserved', 'quarantined', 'deprecated'] as const;
const subnetStatuses = ['active', 'active', 'container', 'reserved'] as const;

/** Where a sequence plays: two small blocks, in two VRFs. */
export interface Stage {
  vrfs: readonly number[];
  blocks: readonly Block[];
}

/** Makes random steps from what the register holds. */
export class Steps {
  readonly #random: Random;
  readonly #register: TestRegister;
  readonly #psql: pg.Client;
  readonly #stage: Stage;
  rows: SpaceRows = { subnets: [], addresses: [], ranges: [], spans: [] };

  constructor(random: Random, register: TestRegister, psql: pg.Client, stage: Stage) {
    this.#random = random;
    this.#register = register;
    this.#psql = psql;
    this.#stage = stage;
  }

  next(model: SpaceModel): Step {
    const random = this.#random;
    const makers: [number, () => Step | undefined][] = [
      [8, () => this.#createSubnet()],
      [6, () => this.#removeSubnet(model)],
      [10, () => this.#allocate(model)],
      [5, () => this.#allocateByChance(model)],
      [4, () => this.#allocateTogether(model)],
      [4, () => this.#allocateList(model)],
      [6, () => this.#allocateSubnets(model)],
      [14, () => reshapeStep(random, this.#register, this.rows.subnets, () => this.#ip())],
      [5, () => this.#release()],
      [4, () => this.#releaseList()],
      [3, () => this.#createAddress()],
      [3, () => this.#patchAddress()],
      [3, () => this.#patchSubnet()],
      [2, () => this.#deleteAddress()],
      [3, () => this.#psqlInsertSubnets()],
      [3, () => this.#psqlDeleteSubnets(model)],
      [2, () => this.#psqlUpdateSubnets()],
      [3, () => this.#psqlInsertAddresses()],
      [3, () => this.#psqlUpdateAddresses()],
      [2, () => this.#psqlDeleteAddresses()],
      [4, () => this.#createRange()],
      [3, () => this.#changeRange()],
      [3, () => this.#timePasses()],
      [3, () => this.#expire()],
    ];
    const weighted = makers.flatMap(([weight, maker]) => Array<() => Step | undefined>(weight).fill(maker));
    for (;;) {
      const step = random.pick(weighted)();
      if (step) return step;
    }
  }

  get #subnets() {
    return this.#register.host.api(subnetsPlugin);
  }

  get #allocation() {
    return this.#register.host.api(allocation);
  }

  #write<T>(work: (tx: Tx) => Promise<T>, dryRun = false): Promise<T> {
    return this.#register.host.transact(testCaller(), work, { dryRun });
  }

  #vrf(): number {
    return this.#random.pick(this.#stage.vrfs);
  }

  #ip(): Ip {
    const { family, first, length } = this.#random.pick(this.#stage.blocks);
    const size = 1 << (bitsOf(family) - length);
    return { family, value: first + BigInt(this.#random.int(0, size - 1)) };
  }

  #block(): Block {
    const ip = this.#ip();
    const { length = 0 } = this.#stage.blocks.find(({ family }) => family === ip.family) ?? {};
    const most = bitsOf(ip.family);
    const least = this.#random.chance(0.03) ? 0 : length - 1;
    return around(ip, this.#random.chance(0.1) ? most : this.#random.int(least, most - 2));
  }

  /** A subnet of the register and the model's own. */
  #subnet(model: SpaceModel): { id: number; of(space: SpaceModel): ModelSubnet } | undefined {
    if (this.rows.subnets.length === 0) return undefined;
    const { id, vrf, cidr } = this.#random.pick(this.rows.subnets);
    const found = (space: SpaceModel) =>
      [...space.subnets.values()].find(
        (each) => each.vrf === vrf && blockText(each.block) === blockText(blockOfRow(cidr)),
      );
    if (!found(model)) throw new Error(`the model has no ${cidr}`);
    return { id, of: (space) => found(space) as ModelSubnet };
  }

  #createSubnet(): Step {
    const [vrfId, block, status, edges] = [
      this.#vrf(),
      this.#block(),
      this.#random.pick(subnetStatuses),
      this.#random.chance(0.15),
    ];
    const keepsNothing = this.#random.chance(0.1);
    return {
      name: `create ${vrfId} ${blockText(block)} ${status} ${edges}`,
      keepsNothing,
      model: (space) => space.createSubnet(vrfId, block, status, edges),
      register: () =>
        this.#write(async (tx) => {
          const input = { vrfId, cidr: blockText(block), status, allowNetworkAndBroadcast: edges };
          await this.#subnets.subnets.create(tx, input);
        }, keepsNothing),
    };
  }

  #removeSubnet(model: SpaceModel): Step | undefined {
    const subnet = this.#subnet(model);
    if (!subnet) return undefined;
    const cascade = this.#random.pick(['refuse', 'rehome', 'rehome', 'rehome', 'delete'] as const);
    const keepsNothing = this.#random.chance(0.1);
    return {
      name: `remove ${blockText(subnet.of(model).block)} ${cascade}`,
      keepsNothing,
      model: (space) => space.removeSubnet(subnet.of(space), cascade),
      register: () =>
        this.#write((tx) => this.#subnets.subnets.remove(tx, subnet.id, cascade, () => {}), keepsNothing),
    };
  }

  #wish(subnet: ModelSubnet): ModelWish {
    const common = { status: this.#random.pick(statuses), expires: this.#random.chance(0.3) };
    if (this.#random.chance(0.6)) {
      return {
        count: this.#random.int(1, 5),
        ...common,
        ...(this.#random.chance(0.5) ? this.#manner() : {}),
      };
    }
    const { family, first, length } = subnet.block;
    const reach = Math.min(2 ** (bitsOf(family) - length), 64);
    const near = { family, value: first + BigInt(this.#random.int(0, reach - 1)) };
    const end = { family, value: lastOf(subnet.block) };
    return { ip: this.#random.pick([near, near, near, end, this.#ip()]), ...common };
  }

  /** How the addresses are to be chosen; not by chance, which not every step could follow. */
  #manner(): Pick<ModelWish, 'strategy' | 'contiguous' | 'exclude'> {
    const random = this.#random;
    return {
      ...(random.chance(0.6) ? { strategy: random.pick(['first', 'last', 'sparse']) } : {}),
      ...(random.chance(0.3) ? { contiguous: random.chance(0.8) } : {}),
      ...(random.chance(0.3)
        ? { exclude: Array.from({ length: random.int(0, 3) }, () => this.#block()) }
        : {}),
    };
  }

  #allocateByChance(model: SpaceModel): Step | undefined {
    const subnet = this.#subnet(model);
    if (!subnet) return undefined;
    const wish = { count: this.#random.int(1, 6), status: 'assigned', ...this.#manner(), strategy: 'random' };
    return {
      name: `allocate ${blockText(subnet.of(model).block)} ${wishText([wish])}`,
      isDrawn: true,
      model: (space, got) => {
        const drew = String(got).split(' ');
        const ips = drew[0]?.match(/^[0-9a-f:.]+$/) ? drew.map(ipOf) : [];
        return space.allocate(subnet.of(space), [wish], ips).map(answerText).join();
      },
      register: () => settled(this.#allocation.addresses.one(testCaller(), subnet.id, wireWish(wish))),
    };
  }

  #allocate(model: SpaceModel): Step | undefined {
    const subnet = this.#subnet(model);
    if (!subnet) return undefined;
    const wish = this.#wish(subnet.of(model));
    const keepsNothing = this.#random.chance(0.1);
    return {
      name: `allocate ${blockText(subnet.of(model).block)} ${wishText([wish])}`,
      keepsNothing,
      model: (space) => space.allocate(subnet.of(space), [wish]).map(answerText),
      register: async () => {
        const ask = keepsNothing
          ? this.#write((tx) => this.#allocation.addresses.all(tx, subnet.id, [wireWish(wish)]), true)
          : this.#allocation.addresses.one(testCaller(), subnet.id, wireWish(wish));
        return [await settled(ask)];
      },
    };
  }

  /** Several callers at once, whom one call of the database serves. */
  #allocateTogether(model: SpaceModel): Step | undefined {
    const subnet = this.#subnet(model);
    if (!subnet) return undefined;
    // Who has a strategy goes alone, and who of several comes first is open.
    const own = subnet.of(model).strategy;
    const wishes = Array.from({ length: this.#random.int(2, 5) }, (): ModelWish => {
      const { strategy: _, contiguous: __, exclude: ___, ...plain } = this.#wish(subnet.of(model));
      return own && !plain.ip ? { ...plain, strategy: 'first' } : plain;
    });
    return {
      name: `allocate together ${blockText(subnet.of(model).block)} ${wishText(wishes)}`,
      model: (space) => space.allocate(subnet.of(space), wishes).map(answerText),
      register: () =>
        Promise.all(
          wishes.map((wish) =>
            settled(this.#allocation.addresses.one(testCaller(), subnet.id, wireWish(wish))),
          ),
        ),
    };
  }

  #allocateList(model: SpaceModel): Step | undefined {
    const subnet = this.#subnet(model);
    if (!subnet) return undefined;
    const wishes = Array.from({ length: this.#random.int(2, 4) }, () => this.#wish(subnet.of(model)));
    return {
      name: `allocate list ${blockText(subnet.of(model).block)} ${wishText(wishes)}`,
      model: (space) => {
        const answers = space.allocate(subnet.of(space), wishes);
        for (const answer of answers) if ('code' in answer) throw new Refused(answer.code);
        return answers.map(answerText).join(' ');
      },
      register: () =>
        this.#write(async (tx) => {
          const made = await this.#allocation.addresses.all(tx, subnet.id, wishes.map(wireWish));
          return made.map(({ address }) => ipText(ipOf(address))).join(' ');
        }),
    };
  }

  #allocateSubnets(model: SpaceModel): Step | undefined {
    const subnet = this.#subnet(model);
    if (!subnet) return undefined;
    const { family, length } = subnet.of(model).block;
    const stage = this.#stage.blocks.find((each) => each.family === family)?.length ?? 0;
    const least = Math.max(length, stage) + 1;
    if (least > bitsOf(family)) return undefined;
    const prefixLength = this.#random.int(least, bitsOf(family));
    const [count, strategy] = [
      this.#random.int(1, 3),
      this.#random.pick(['first', 'best-fit', 'sparse'] as const),
    ];
    return {
      name: `allocate ${count} /${prefixLength} of ${blockText(subnet.of(model).block)} ${strategy}`,
      model: (space) => space.allocateSubnets(subnet.of(space), prefixLength, count, strategy).map(blockText),
      register: () =>
        this.#write(async (tx) => {
          const made = await this.#allocation.allocateSubnets(tx, subnet.id, {
            prefixLength,
            count,
            strategy,
          });
          return made.map(({ cidr }) => blockText(blockOfRow(cidr)));
        }),
    };
  }

  #release(): Step | undefined {
    if (this.rows.addresses.length === 0) return undefined;
    const row = this.#random.pick(this.rows.addresses);
    return {
      name: `release ${row.address}`,
      model: (space) => released(space, [row]),
      register: () => this.#write(async (tx) => void (await this.#allocation.release.one(tx, row.id))),
    };
  }

  #releaseList(): Step | undefined {
    if (this.rows.addresses.length === 0) return undefined;
    const vrfId = this.#random.pick(this.rows.addresses).vrf;
    const rows = this.#random.some(
      this.rows.addresses.filter(({ vrf }) => vrf === vrfId),
      5,
    );
    const wanted = rows.map(({ id, address }) => (this.#random.chance(0.5) ? id : address));
    return {
      name: `release ${wanted}`,
      model: (space) => released(space, rows),
      register: () =>
        this.#write(
          async (tx) => void (await this.#allocation.release.all(tx, { vrfId, addresses: wanted })),
        ),
    };
  }

  #expire(): Step {
    return {
      name: 'what was given for an hour expires',
      model: (space) => space.expire(),
      register: async () => {
        this.#register.setClock(new Date(Date.now() + 3_700_000));
        await this.#register.runJob('allocation.expire');
        this.#register.setClock(new Date());
      },
    };
  }

  #createAddress(): Step {
    const [vrfId, ip, status] = [this.#vrf(), this.#ip(), this.#random.pick(statuses)];
    return {
      name: `register ${vrfId} ${ipText(ip)} ${status}`,
      model: (space) => space.createAddress(vrfId, ip, status),
      register: () =>
        this.#write(
          async (tx) =>
            void (await this.#subnets.addresses.create(tx, { vrfId, address: ipText(ip), status })),
        ),
    };
  }

  #patchAddress(): Step | undefined {
    if (this.rows.addresses.length === 0) return undefined;
    const row = this.#random.pick(this.rows.addresses);
    const status = this.#random.pick(statuses);
    return {
      name: `patch ${row.vrf} ${row.address} ${status}`,
      model: (space) => space.put(row.vrf, ipOf(row.address), status),
      register: () =>
        this.#write(
          async (tx) => void (await this.#subnets.addresses.update(tx, row.id, { status }, () => {})),
        ),
    };
  }

  #patchSubnet(): Step | undefined {
    if (this.rows.subnets.length === 0) return undefined;
    const { id, vrf, cidr } = this.#random.pick(this.rows.subnets);
    const [status, edges] = [this.#random.pick(subnetStatuses), this.#random.chance(0.5)];
    const [strategy, cools] = [
      this.#random.pick(['first', 'last', 'sparse', undefined, undefined]),
      this.#random.chance(0.7),
    ];
    return {
      name: `patch ${cidr} ${status} ${edges} ${strategy} ${cools}`,
      model: (space) => changed(space, vrf, cidr, { status, edges, strategy, cools }),
      register: () =>
        this.#write(async (tx) => {
          const policy = { strategy: strategy ?? null, cooldownSeconds: cools ? null : 0 };
          const patch = { status, allowNetworkAndBroadcast: edges, ...policy };
          await this.#subnets.subnets.update(tx, id, patch, () => {});
        }),
    };
  }

  #deleteAddress(): Step | undefined {
    if (this.rows.addresses.length === 0) return undefined;
    const row = this.#random.pick(this.rows.addresses);
    return {
      name: `delete ${row.vrf} ${row.address}`,
      model: (space) => space.forget(row.vrf, ipOf(row.address)),
      register: () => this.#write((tx) => this.#subnets.addresses.remove(tx, row.id, () => {})),
    };
  }

  #createRange(): Step {
    const vrfId = this.#vrf();
    const ip = this.#ip();
    const { family, value } = ip;
    const end = Object.assign({}, ip, { value: value + BigInt(this.#random.int(0, 40)) });
    if (end.value >> BigInt(bitsOf(family)) > 0n) end.value = value;
    const [allocatable, countAsUsed] = [this.#random.chance(0.4), this.#random.chance(0.5)];
    const input = {
      vrfId,
      start: ipText(ip),
      end: ipText(end),
      purpose: 'dhcp' as const,
      allocatable,
      countAsUsed,
    };
    return {
      name: `range ${vrfId} ${input.start} ${input.end} ${allocatable} ${countAsUsed}`,
      model: (space) =>
        space.createRange({
          vrf: vrfId,
          family,
          first: value,
          last: end.value,
          allocatable,
          counted: countAsUsed,
        }),
      register: () => this.#write(async (tx) => void (await this.#subnets.ranges.create(tx, input))),
    };
  }

  /** Deletes a range, or turns its switches; by REST or in psql, several at once. */
  #changeRange(): Step | undefined {
    const rows = this.#random.some(this.rows.ranges, this.#random.int(1, 3));
    const [row] = rows;
    if (!row) return undefined;
    const those = (space: SpaceModel) =>
      rows.map(({ vrf, start }) => {
        const { family, value } = ipOf(start);
        const key = `${vrf} ${family} ${value}`;
        return { key, range: space.ranges.get(key) as ModelRange };
      });
    const ids = rows.map(({ id }) => id).join(', ');
    const drop = (space: SpaceModel) => {
      for (const { key } of those(space)) space.ranges.delete(key);
    };
    if (rows.length === 1 && this.#random.chance(0.5)) {
      return {
        name: `delete range ${row.start}`,
        model: drop,
        register: () => this.#write((tx) => this.#subnets.ranges.remove(tx, row.id, () => {})),
      };
    }
    if (this.#random.chance(0.3)) return this.#statement(`DELETE FROM ip_range WHERE id IN (${ids})`, drop);
    const [allocatable, counted] = [this.#random.chance(0.5), this.#random.chance(0.5)];
    return this.#statement(
      `UPDATE ip_range SET allocatable = ${allocatable}, count_as_used = ${counted} WHERE id IN (${ids})`,
      (space) => {
        for (const { range } of those(space)) Object.assign(range, { allocatable, counted });
      },
    );
  }

  #statement(name: string, model: Step['model']): Step {
    return { name, model, register: async () => void (await this.#psql.query(name)) };
  }

  #psqlInsertSubnets(): Step {
    const blocks = Array.from(
      { length: this.#random.int(1, 5) },
      () => [this.#vrf(), this.#block()] as const,
    );
    const values = blocks.map(([vrf, block]) => `(${vrf}, '${blockText(block)}')`);
    return this.#statement(`INSERT INTO subnet (vrf_id, cidr) VALUES ${values.join(', ')}`, (space) => {
      for (const [vrf, block] of blocks) {
        try {
          space.createSubnet(vrf, block);
        } catch {
          throw new Refused('subnet_cidr_key');
        }
      }
    });
  }

  #psqlDeleteSubnets(model: SpaceModel): Step | undefined {
    const rows = this.#random.some(this.rows.subnets, this.#random.int(1, 4));
    if (rows.length === 0) return undefined;
    const keys = new Set(rows.map(({ vrf, cidr }) => `${vrf} ${blockText(blockOfRow(cidr))}`));
    const those = (space: SpaceModel) =>
      [...space.subnets.values()].filter(({ vrf, block }) => keys.has(`${vrf} ${blockText(block)}`));
    if (those(model).length !== rows.length) throw new Error('the model lacks some');
    const ids = rows.map(({ id }) => id).join(', ');
    return this.#statement(`DELETE FROM subnet WHERE id IN (${ids})`, (space) =>
      space.dropSubnets(those(space)),
    );
  }

  #psqlUpdateSubnets(): Step | undefined {
    const rows = this.#random.some(this.rows.subnets, this.#random.int(1, 4));
    if (rows.length === 0) return undefined;
    const [status, edges] = [this.#random.pick(subnetStatuses), this.#random.chance(0.5)];
    return this.#statement(
      `UPDATE subnet SET status = '${status}', allow_network_and_broadcast = ${edges}, parent_id = NULL
        WHERE id IN (${rows.map(({ id }) => id).join(', ')})`,
      (space) => {
        for (const { vrf, cidr } of rows) changed(space, vrf, cidr, { status, edges });
      },
    );
  }

  #psqlInsertAddresses(): Step {
    const rows = Array.from({ length: this.#random.int(1, 5) }, () => ({
      vrf: this.#vrf(),
      ip: this.#ip(),
      status: this.#random.pick([...statuses, 'free']),
      cooling: this.#random.chance(0.3),
    }));
    const values = rows.map(
      ({ vrf, ip, status, cooling }) =>
        `(${vrf}, '${ipText(ip)}', '${status}', ${cooling && status === 'free' ? "now() + interval '1 hour'" : 'NULL'})`,
    );
    return this.#statement(
      `INSERT INTO address (vrf_id, address, status, available_at) VALUES ${values.join(', ')}`,
      (space) => {
        // Row by row, as PostgreSQL checks them: the home by a trigger before, the key by the insertion itself.
        for (const { vrf, ip, status, cooling } of rows) {
          if (!space.homeOf({ vrf, ip, status, cooling })) throw new Refused('address_needs_subnet');
          if (space.address(vrf, ip)) throw new Refused('address_key');
          space.put(vrf, ip, status, cooling && status === 'free');
        }
      },
    );
  }

  #psqlUpdateAddresses(): Step | undefined {
    const rows = this.#random.some(this.rows.addresses, this.#random.int(1, 5));
    if (rows.length === 0) return undefined;
    const changes = rows.map((row) => ({
      row,
      status: this.#random.pick([...statuses, 'free', 'free', 'free']),
      cooling: this.#random.chance(0.5),
    }));
    const values = changes.map(({ row, status, cooling }) => `(${row.id}, '${status}', ${cooling})`);
    return this.#statement(
      `UPDATE address SET status = v.status, hostname = 'by-hand', subnet_id = 1,
          available_at = CASE WHEN v.cooling THEN now() + interval '1 hour' END
        FROM (VALUES ${values.join(', ')}) AS v (id, status, cooling) WHERE address.id = v.id`,
      (space) => {
        for (const { row, status, cooling } of changes)
          space.put(row.vrf, ipOf(row.address), status, cooling && status === 'free');
      },
    );
  }

  #psqlDeleteAddresses(): Step | undefined {
    const rows = this.#random.some(this.rows.addresses, this.#random.int(1, 5));
    if (rows.length === 0) return undefined;
    return this.#statement(
      `DELETE FROM address WHERE id IN (${rows.map(({ id }) => id).join(', ')})`,
      (space) => {
        for (const { vrf, address } of rows) space.forget(vrf, ipOf(address));
      },
    );
  }

  /** Everything that was released has cooled down, and nobody has looked since. */
  #timePasses(): Step {
    return {
      name: 'an hour passes',
      model: (space) => {
        for (const each of space.addresses.values()) each.cooling = false;
      },
      register: async () => {
        await this.#psql.query(`BEGIN; SET LOCAL cadastre.space = 'held';
          UPDATE address SET available_at = now() - interval '1 second' WHERE available_at > now();
          UPDATE free_span SET available_at = now() - interval '1 second' WHERE available_at > now();
          UPDATE subnet_usage SET next_due = now() - interval '1 second' WHERE next_due > now(); COMMIT`);
      },
    };
  }
}

function blockOfRow(cidr: string): Block {
  const [address = '', length = ''] = cidr.split('/');
  const ip = ipOf(address);
  return { ...hostBlock(ip), length: Number(length) };
}

function changed(space: SpaceModel, vrf: number, cidr: string, to: Partial<ModelSubnet>): void {
  const wanted = blockText(blockOfRow(cidr));
  for (const each of space.subnets.values()) {
    if (each.vrf === vrf && blockText(each.block) === wanted) Object.assign(each, to);
  }
}

function released(space: SpaceModel, rows: readonly AddressRow[]): void {
  space.release(rows.flatMap(({ vrf, address }) => space.address(vrf, ipOf(address)) ?? []));
}

function wireWish({ ip, count, status, exclude, expires, ...manner }: ModelWish) {
  const wanted = { status: status as (typeof statuses)[number], ...(expires ? { ttl: 3600 } : {}) };
  if (ip) return { ...wanted, address: ipText(ip) };
  return { ...wanted, ...manner, count, ...(exclude ? { exclude: exclude.map(blockText) } : {}) };
}

function wishText(wishes: readonly ModelWish[]): string {
  return wishes
    .map(({ ip, count, status, expires, strategy = '', contiguous, exclude }) => {
      const manner = `${strategy}${contiguous ? ' in a row' : ''}${exclude ? ` not ${exclude.map(blockText)}` : ''}`;
      return `${ip ? ipText(ip) : count} ${status}${expires ? ' for an hour' : ''} ${manner}`.trim();
    })
    .join(', ');
}

function answerText(answer: ReturnType<SpaceModel['allocate']>[number]): string {
  if ('ips' in answer) return answer.ips.map(ipText).join(' ');
  return answer.free === undefined ? answer.code : `${answer.code}, ${answer.free} free`;
}

async function settled(answer: Promise<{ address: string }[]>): Promise<string> {
  try {
    return (await answer).map(({ address }) => ipText(ipOf(address))).join(' ');
  } catch (fault) {
    if (!(fault instanceof Problem)) throw fault;
    const { free } = fault.members;
    return free === undefined ? fault.code : `${fault.code}, ${free} free`;
  }
}
