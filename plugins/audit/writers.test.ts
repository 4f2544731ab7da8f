import assert from 'node:assert/strict';
import { definePlugin, type PanelKernel, type Principal, principalSources, type Role } from '#core';
import { startTestRegister, type TestRegister, testCaller } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { audit } from './index.ts';
import { inShort, type LogRow, logReader } from './testing/log.ts';

const colleagues = 32;

/** Thirty-two engineers, by number. */
const engineers = definePlugin({
  name: 'engineers',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Knows many engineers.',
  setup(ctx) {
    ctx.extend(principalSources, async ({ sub }): Promise<Principal | undefined> => {
      const [kind, id] = sub.split('#');
      return kind === 'engineer' ? { id: Number(id), kind: 'user', name: sub, role: 'engineer' } : undefined;
    });
    return { tokenOf: (n: number) => ctx.issueToken(`engineer#${n}`, {}, 900) };
  },
});

/** Notes each address that is handed out as a VRF, inside the transaction. */
const noteTaker = definePlugin({
  name: 'note-taker',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Writes when others do.',
  requires: [allocation],
  setup: (ctx) =>
    ctx.on('address.allocated', async (tx, { address }) => {
      await tx.query('INSERT INTO vrf (name) VALUES ($1)', [`note ${address}`]);
    }),
});

async function startDesk(...more: Parameters<typeof startTestRegister>[0]) {
  const kernel: { of?: PanelKernel } = {};
  const register = await startTestRegister([subnets, allocation, audit, engineers, ...more], {
    panel: (of) => {
      kernel.of = of;
      return { path: '/admin', handler: (_req, res) => void res.end(), stop: async () => undefined };
    },
  });
  return { register, kernel: kernel.of as PanelKernel, fresh: logReader(register.db.query) };
}

describe('the audit log', () => {
  let register: TestRegister;
  let kernel: PanelKernel;
  let fresh: () => Promise<LogRow[]>;
  let home: number;
  let nth = 0;

  before(async () => {
    ({ register, kernel, fresh } = await startDesk());
  });
  after(() => register.stop());
  beforeEach(async () => {
    const { body } = await register.as('engineer').post('/subnets', { cidr: `10.${nth++}.0.0/16` });
    home = body.id;
    await fresh();
  });

  const as = (role: Role) => register.as(role);
  const route = (method: string, path: string) => {
    const found = kernel.registry.routes.find((each) => each.method === method && each.path === path);
    assert.ok(found);
    return found;
  };

  it('has one row of a request, under the ids that its answer tells', async () => {
    const answer = await as('engineer').post('/vrfs', { name: 'blue' }, { 'X-Request-Id': 'ticket-7' });
    assert.equal(answer.status, 201);
    const [row, ...others] = await fresh();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [row?.actor, row?.source, row?.sourceAddress, row?.requestId, row?.changeId, row?.entityId],
      ['user:0', 'rest', '127.0.0.1', 'ticket-7', answer.headers['x-change-id'], String(answer.body.id)],
    );
    assert.deepEqual([row && inShort(row), row?.key], ['create vrf blue', { name: 'blue' }]);
  });

  it('has nothing of a request that failed, was only tried, or changed nothing', async () => {
    const engineer = as('engineer');
    const before = await engineer.get(`/subnets/${home}`);
    const tried = [
      await engineer.post('/subnets', { cidr: before.body.cidr }),
      await engineer.post('/subnets?dryRun=true', { cidr: '10.99.0.0/16' }),
      await engineer.post(`/subnets/${home}/allocations?dryRun=true`, { count: 3 }),
      await engineer.post(`/subnets/${home}/allocations`, { count: 1_000, address: '10.0.0.1' }),
      await engineer.patch('/subnets', [
        { id: home, name: 'x' },
        { id: 999_999, name: 'y' },
      ]),
      await engineer.patch(`/subnets/${home}`, { status: before.body.status }),
      await as('viewer').patch(`/subnets/${home}`, { name: 'x' }),
    ];
    assert.deepEqual(
      tried.map(({ status }) => status),
      [409, 200, 200, 422, 404, 200, 403],
    );
    assert.deepEqual(await fresh(), []);
  });

  it('has one row for each record of a list, under one change id', async () => {
    const list = [1, 2, 3].map((n) => ({ address: `10.${nth - 1}.0.${n}` }));
    const { body } = await as('engineer').post('/addresses', list);
    assert.deepEqual(
      (await fresh()).map(inShort),
      list.map(({ address }) => `create address ${address}`),
    );
    const ids = (await as('engineer').get(`/subnets/${home}/addresses`)).body.items.map(
      ({ id }: { id: number }) => id,
    );
    const changed = await as('engineer').patch(
      '/addresses',
      ids.map((id: number) => ({ id, hostname: `h${id}` })),
    );
    assert.equal(changed.status, 200, JSON.stringify(body));
    const rows = await fresh();
    assert.deepEqual(
      rows.map(({ action, after }) => [action, after?.hostname]),
      ids.map((id: number) => ['update', `h${id}`]),
    );
    assert.deepEqual([...new Set(rows.map(({ changeId }) => changeId))], [changed.headers['x-change-id']]);
  });

  it('has what a request changed elsewhere, too, but nothing that is derived', async () => {
    const engineer = as('engineer');
    await engineer.post(`/subnets/${home}/allocations`, {});
    await fresh();
    const { body } = await engineer.post('/subnets', { cidr: `10.${nth - 1}.0.0/24` });
    // The address has another home now, and is no other address for it.
    assert.deepEqual((await fresh()).map(inShort), [`create subnet ${body.cidr}`]);
    const cascade = await as('admin').delete(`/subnets/${body.id}?cascade=delete`);
    assert.equal(cascade.status, 204, JSON.stringify(cascade.body));
    const rows = await fresh();
    assert.deepEqual(rows.map(inShort).sort(), [
      `delete address 10.${nth - 1}.0.1`,
      `delete subnet ${body.cidr}`,
    ]);
    assert.equal(new Set(rows.map(({ changeId }) => changeId)).size, 1);
  });

  it('has the panel’s writes as the panel’s', async () => {
    const principal = { id: 5, kind: 'user', name: 'ada', role: 'engineer' } as const;
    await kernel.invoke({
      route: route('patch', '/subnets/{id}'),
      principal,
      params: { id: String(home) },
      body: { name: 'lab' },
      requestId: 'r-1',
      address: '192.0.2.1',
    });
    const [row, ...others] = await fresh();
    assert.equal(others.length, 0);
    assert.deepEqual(
      [row?.actor, row?.source, row?.sourceAddress, row?.requestId, row?.after?.name],
      ['user:5', 'panel', '192.0.2.1', 'r-1', 'lab'],
    );
  });

  it('has the command line’s writes as its', async () => {
    const caller = testCaller('cli:ada');
    await register.host.api(allocation).addresses.one(caller, home, {});
    const [row] = await fresh();
    assert.deepEqual([row?.actor, row?.source, row?.changeId], ['cli:ada', 'cli', caller.changeId]);
  });

  it('has what a job does in the name of the job', async () => {
    const { body } = await as('engineer').post(`/subnets/${home}/allocations`, { count: 2, ttl: 60 });
    await fresh();
    register.setClock(new Date(Date.now() + 120_000));
    await register.runJob('allocation.expire');
    const rows = await fresh();
    assert.deepEqual(
      rows.map((row) => [inShort(row), row.actor, row.source, row.before?.status, row.after?.status]),
      body.addresses.map(({ address }: { address: string }) => [
        `update address ${address}`,
        'job:allocation.expire',
        'job',
        'assigned',
        'free',
      ]),
    );
    // Handed out again, the row is taken over: that is an update, by whoever has it now.
    await as('engineer').post(`/subnets/${home}/allocations`, {});
    const [again] = await fresh();
    assert.deepEqual([again?.action, again?.actor, again?.source], ['update', 'user:0', 'rest']);
  });

  /** Sends one request of each colleague at once; answers what each got, and the change that its answer named. */
  async function allAtOnce(wish: object, headers: (n: number) => Record<string, string> = () => ({})) {
    const { tokenOf } = register.host.api(engineers);
    return Promise.all(
      Array.from({ length: colleagues }, async (_, n) => {
        const client = register.withToken(tokenOf(n + 1));
        const answer = await client.post(`/subnets/${home}/allocations`, wish, {
          'X-Request-Id': `request-${n + 1}`,
          ...headers(n),
        });
        assert.equal(answer.status, 201, JSON.stringify(answer.body));
        return answer.body.addresses.map(({ address }: { address: string }) => [
          address,
          `user:${n + 1}`,
          answer.headers['x-change-id'],
          `request-${n + 1}`,
        ]);
      }),
    );
  }
  const told = (rows: readonly LogRow[]) =>
    rows.map(({ subject, actor, changeId, requestId }) => [subject, actor, changeId, requestId]).sort();

  for (const [name, wish] of Object.entries({
    'of one address': {},
    'of several addresses': { count: 3 },
    'with something to say': { hostname: 'h', metadata: { a: null } },
    'that go by a strategy': { strategy: 'random' },
  })) {
    it(`has each of ${colleagues} allocations ${name} at once in its own name`, async () => {
      const handed = (await allAtOnce(wish)).flat();
      const rows = await fresh();
      assert.deepEqual(told(rows), handed.sort());
      assert.ok(
        rows.every(({ source, sourceAddress }) => source === 'rest' && sourceAddress === '127.0.0.1'),
      );
    });
  }

  it('has those with an Idempotency-Key once, in the name of the first time', async () => {
    const key = (n: number) => ({ 'Idempotency-Key': `key-${home}-${n}` });
    const handed = (await allAtOnce({}, key)).flat();
    assert.deepEqual(told(await fresh()), handed.sort());
    const again = (await allAtOnce({}, key)).flat();
    assert.deepEqual(again.map(([address]) => address).sort(), handed.map(([address]) => address).sort());
    assert.deepEqual(await fresh(), []);
  });

  it('has those that take over released rows as updates, each in its own name', async () => {
    const { body } = await as('engineer').post(`/subnets/${home}/allocations`, { count: colleagues });
    await as('engineer').post('/addresses/release', {
      addresses: body.addresses.map(({ id }: { id: number }) => id),
    });
    await fresh();
    const handed = (await allAtOnce({})).flat();
    const rows = await fresh();
    assert.deepEqual(told(rows), handed.sort());
    assert.ok(rows.every(({ action }) => action === 'update'));
  });
});

describe('what listeners write', () => {
  it('is in the name of whoever got the address, where several share the transaction', async () => {
    const { register, fresh } = await startDesk(noteTaker);
    const { tokenOf } = register.host.api(engineers);
    const { body } = await register.as('engineer').post('/subnets', { cidr: '10.0.0.0/16' });
    for (const wish of [{}, { strategy: 'random' }]) {
      await fresh();
      await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
          register.withToken(tokenOf(n)).post(`/subnets/${body.id}/allocations`, wish),
        ),
      );
      const rows = await fresh();
      const signed = (entity: string) =>
        rows
          .filter((row) => row.entity === entity)
          .map(({ subject, actor, changeId }) => [subject.replace('note ', ''), actor, changeId])
          .sort();
      assert.equal(signed('address').length, 8);
      assert.deepEqual(signed('vrf'), signed('address'));
    }
    await register.stop();
  });
});

describe('what is secret of a user', () => {
  it('is in no row, which only says that it was set', async () => {
    const register = await startTestRegister([users, audit]);
    const fresh = logReader(register.db.query);
    const admin = register.as('admin');
    const { body } = await admin.post('/users', {
      email: 'ada@example.net',
      password: 'engines need no sleep',
    });
    await admin.patch(`/users/${body.id}`, { password: 'weaving algebraic patterns' });
    await register.anonymous.post('/auth/login', {
      email: 'ada@example.net',
      password: 'weaving algebraic patterns',
    });
    const rows = await fresh();
    assert.deepEqual(
      rows.map((row) => [inShort(row), row.secrets]),
      [
        ['create user ada@example.net', ['password_hash']],
        ['update user ada@example.net', ['password_hash']],
      ],
    );
    assert.doesNotMatch(JSON.stringify(rows), /\$2[aby]\$|engines|weaving/);
    await register.stop();
  });
});
