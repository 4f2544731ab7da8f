import assert from 'node:assert/strict';
import { builtInPlugins } from '#config/plugins';
import type { Route } from '#core';
import { startTestRegister, statementsOf, type TestRegister } from '#core/testing';
import { lists, type World } from './statements-lists.ts';

const few = 2;
const many = 30;
const nameOf = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`;

interface Shapes {
  shape: Record<string, { unwrap(): { meta(): { description?: string } | undefined } }>;
}

/** What `include=` takes, as the API docs tell. */
function includesOf({ query }: Route): string[] {
  const include = (query as unknown as Shapes | undefined)?.shape.include;
  const [, names] = /: (.+)\.$/.exec(include?.unwrap().meta()?.description ?? '') ?? [];
  return names?.split(', ') ?? [];
}

describe('the statements that a list costs', function () {
  this.timeout(120_000);
  let register: TestRegister;
  let world: World;
  let routes: readonly Route[];

  before(async () => {
    register = await startTestRegister(builtInPlugins);
    const ids: World['ids'] = {};
    world = {
      register,
      ids,
      async post(collection, body) {
        const { status, body: answer } = await register.as('admin').post(collection, body);
        assert.equal(status, 201, `${collection}: ${JSON.stringify(answer)}`);
        const made = (answer.items ?? [answer]) as { id: number }[];
        ids[collection] = [...(ids[collection] ?? []), ...made.map(({ id }) => id)];
      },
    };
    routes = register.host.registry.routes.filter(
      ({ method, returns }) => method === 'get' && 'items' in ((returns as Shapes | undefined)?.shape ?? {}),
    );
  });
  after(() => register.stop());

  async function fill(from: number, to: number): Promise<void> {
    for (let n = from; n < to; n += 1) for (const { make } of Object.values(lists)) await make?.(n, world);
  }

  /** The statements of a request, once its answer is known to have that many rows. */
  async function statements(route: Route, include: readonly string[], rows: number): Promise<string[]> {
    const { params, query, isFixed } = lists[nameOf(route)] ?? {};
    const given = params?.(world) ?? {};
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(given[name]));
    const parts = [query, include.length > 0 ? `include=${include.join()}` : undefined].filter(Boolean);
    const ask = () => register.as('admin').get(`${path}?${parts.join('&')}`);
    const { status, body } = await ask();
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
    assert.ok(
      isFixed || body.items.length >= rows,
      `${nameOf(route)} has ${body.items.length} rows of ${rows}`,
    );
    // What is known of the person who asks is read again every few seconds, and jobs look for work: those belong to no list.
    const asked: string[][] = [];
    for (let nth = 0; nth < 4; nth += 1) asked.push(await statementsOf(ask));
    return asked.sort((a, b) => a.length - b.length)[0] ?? [];
  }

  /** Of every list, without `include`, with each and with all. */
  async function measured(rows: number): Promise<Map<string, { sent: string[]; most: number }>> {
    const made = new Map<string, { sent: string[]; most: number }>();
    for (const route of routes) {
      const name = nameOf(route);
      const includes = includesOf(route);
      const { most = route.params ? 2 : 1 } = lists[name] ?? {};
      for (const asked of [includes, [], ...(includes.length > 1 ? includes.map((one) => [one]) : [])]) {
        const sent = await statements(route, asked, rows);
        made.set(`${name} include=${asked.join()}`, { sent, most: most + asked.length });
      }
    }
    return made;
  }

  it('are known of every list', () => {
    assert.deepEqual(routes.map(nameOf).sort(), Object.keys(lists).sort());
  });

  it('are as many for thirty rows as for two, and few', async () => {
    await fill(0, few);
    const forFew = await measured(few);
    await fill(few, many);
    const forMany = await measured(many);
    const wrong: string[] = [];
    for (const [name, { sent, most }] of forMany) {
      const before = forFew.get(name)?.sent.length;
      if (sent.length === before && sent.length <= most) continue;
      const texts = sent.map((text) => text.slice(0, 200)).join(';\n');
      wrong.push(
        `${name}: ${before} for ${few} rows, ${sent.length} for ${many}, and ${most} are the most:\n${texts}`,
      );
    }
    assert.deepEqual(wrong, []);
  });
});
