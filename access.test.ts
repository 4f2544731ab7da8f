import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import supertest from 'supertest';
import { builtInPlugins } from '#config/plugins';
import type { Route } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { type Call, calls, type Occasion } from './access-calls.ts';
import { makeWorld, type World } from './access-world.ts';
import { racksPlugin } from './plugins/delegation/testing/racks.ts';

/** Who calls, in the order of the columns; the delegated engineer twice, for records inside and outside of the branch. */
const columns = [
  'anonymous',
  'viewer',
  'auditor',
  'engineer',
  'delegated inside',
  'delegated outside',
  'admin',
  'revoked token',
] as const;

interface Row {
  permission: string;
  verdicts: readonly string[];
}

/** The rows of a table in Markdown: `| GET /users | users:read | – | … |`. */
function rowsOf(text: string): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const [, cells = ''] of text.matchAll(/^\| `([A-Z]+ .*) \|$/gm)) {
    const [name = '', permission = '', ...verdicts] = cells
      .replaceAll('`', '')
      .split('|')
      .map((cell) => cell.trim());
    assert.equal(verdicts.length, columns.length, name);
    assert.ok(
      verdicts.every((verdict) => verdict === '✓' || verdict === '–'),
      name,
    );
    assert.equal(rows.has(name), false, `${name} has two rows`);
    rows.set(name, { permission, verdicts });
  }
  return rows;
}

const racksTable = `
| \`GET /racks\` | \`racks:read\` | – | – | ✓ | – | – | – | ✓ | – |
| \`POST /racks\` | \`racks:write\` | – | – | – | ✓ | ✓ | – | ✓ | – |
| \`POST /racks/wire\` | \`racks:wire\` | – | – | – | ✓ | – | – | ✓ | – |
`;
const racksCalls: typeof calls = {
  'GET /racks': () => ({}),
  'POST /racks': ({ world, at }) => ({ body: { vrfId: world.vrf, cidr: at.block } }),
  'POST /racks/wire': () => ({}),
};

const nameOf = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`;
const mark = (status: number) => (status === 401 || status === 403 ? '–' : '✓');

describe('who may call what', function () {
  this.timeout(120_000);
  let register: TestRegister;
  let world: World;
  let routes: ReadonlyMap<string, Route>;
  let rows: Map<string, Row>;
  const callOf = { ...calls, ...racksCalls };

  before(async () => {
    register = await startTestRegister(builtInPlugins, {
      external: [racksPlugin('in_branches(vrf_id, cidr)')],
    });
    world = await makeWorld(register);
    routes = new Map(register.host.registry.routes.map((each) => [nameOf(each), each]));
    rows = rowsOf((await readFile('docs/access.md', 'utf8')) + racksTable);
  });
  after(() => register.stop());

  function occasionOf(column: string): Occasion {
    const at = column === 'delegated outside' ? world.outside : world.inside;
    return { world, at, caller: world.users[column.split(' ')[0] as string] };
  }

  async function send(each: Route, token: string | undefined, call: Call): Promise<supertest.Response> {
    const path = each.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(call.params?.[name]));
    const query = [call.query, each.dryRun ? 'dryRun=true' : undefined].filter(Boolean).join('&');
    const request = supertest(register.url)[each.method](`/api/v1${path}${query && `?${query}`}`);
    if (token !== undefined) request.set('Authorization', `Bearer ${token}`);
    return call.body === undefined ? request : request.send(call.body as object);
  }

  /** The statuses of a route for everybody; a revoked token is one of a sign-in that ended, and one of the API that was deleted. */
  async function statusesOf(
    name: string,
    make: (on: Occasion) => Call | Promise<Call>,
  ): Promise<Map<string, number>> {
    const statuses = new Map<string, number>();
    for (const column of columns) {
      const who = column.split(' ')[0] as string;
      for (const token of who === 'revoked' ? ['revoked', 'revoked API token'] : [who]) {
        const answer = await send(
          routes.get(name) as Route,
          world.tokens[token],
          await make(occasionOf(column)),
        );
        const before = statuses.get(column);
        if (before !== undefined) assert.equal(answer.status, before, `${name}: ${token}`);
        statuses.set(column, answer.status);
        assert.ok(
          answer.status < 500,
          `${name} as ${column}: ${answer.status} ${JSON.stringify(answer.body)}`,
        );
      }
    }
    return statuses;
  }

  it('stands in docs/access.md, for every route that is registered and no other', () => {
    assert.deepEqual([...rows.keys()].sort(), [...routes.keys()].sort());
    assert.deepEqual(Object.keys(callOf).sort(), [...routes.keys()].sort());
    for (const [name, { permission }] of rows) assert.equal(routes.get(name)?.permission, permission, name);
  });

  it('is as it stands there', async () => {
    const wrong: string[] = [];
    for (const [name, { verdicts }] of rows) {
      let answers: number | undefined;
      const statuses = await statusesOf(name, async (on) => {
        const call = await (callOf[name] as (on: Occasion) => Call | Promise<Call>)(on);
        answers = call.answers;
        return call;
      });
      for (const [index, column] of columns.entries()) {
        const status = statuses.get(column) as number;
        const isSuccess = answers === undefined ? status < 300 : status === answers;
        const isAsSaid = mark(status) === verdicts[index] && (mark(status) === '–' || isSuccess);
        if (!isAsSaid) wrong.push(`${name} as ${column}: ${status}, where the table has ${verdicts[index]}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('is decided before anything that was sent is looked at', async () => {
    const wrong: string[] = [];
    for (const [name, each] of routes) {
      if (each.permission === 'public') continue;
      const params = Object.fromEntries(
        Object.keys(each.params?.shape ?? {}).map((key) => [key, '999999999']),
      );
      const body = each.method === 'get' || each.method === 'delete' ? undefined : { nonsense: true };
      const statuses = await statusesOf(name, () => ({ params, query: 'nonsense=1', body }));
      const { verdicts } = rows.get(name) as Row;
      for (const column of columns.filter((_, index) => verdicts[index] === '–')) {
        const expected = column === 'anonymous' || column === 'revoked token' ? 401 : 403;
        // What the records decide is known of records, and none was named: whether they lie in a branch, or what a change touched.
        const isDelegated =
          column === 'delegated outside' && verdicts[columns.indexOf('delegated inside')] === '✓';
        if (isDelegated || (expected === 403 && each.permission === 'signed-in')) continue;
        if (statuses.get(column) !== expected) wrong.push(`${name} as ${column}: ${statuses.get(column)}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
});
