import assert from 'node:assert/strict';
import { definePlugin } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { policyChecks, subnets } from './index.ts';

/** Knows of one strategy. */
const knowing = definePlugin({
  name: 'knowing',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Has a say in policies.',
  requires: [subnets],
  setup: (ctx) =>
    ctx.extend(policyChecks, ({ strategy }) =>
      strategy && strategy !== 'first'
        ? [{ path: 'body.strategy', code: 'unknown', message: `No ${strategy} here.` }]
        : [],
    ),
});

describe('the allocation policy of a subnet', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets, knowing]);
  });
  after(() => register.stop());
  afterEach(() => register.db.query('DELETE FROM subnet'));

  const post = (body: object) => register.as('engineer').post('/subnets', { cidr: '10.0.0.0/16', ...body });
  const patch = (id: number, body: object) => register.as('engineer').patch(`/subnets/${id}`, body);
  const policy = {
    strategy: 'first',
    childStrategy: 'sparse',
    minChildPrefixLength: 20,
    maxChildPrefixLength: 28,
    defaultChildPrefixLength: 24,
    cooldownSeconds: 60,
    monitored: true,
  };

  it('is kept, changed and taken back', async () => {
    const made = await post(policy);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { id } = made.body;
    const fields = Object.keys(policy) as (keyof typeof policy)[];
    const of = ({ body }: { body: Record<string, unknown> }) =>
      Object.fromEntries(fields.map((field) => [field, body[field]]));
    assert.deepEqual(of(made), policy);
    assert.deepEqual((await register.as('engineer').get(`/subnets/${id}`)).body, made.body);
    const changed = await patch(id, { maxChildPrefixLength: 30, cooldownSeconds: 0, monitored: false });
    assert.deepEqual(of(changed), {
      ...policy,
      maxChildPrefixLength: 30,
      cooldownSeconds: 0,
      monitored: false,
    });
    const nothing = Object.fromEntries(fields.map((field) => [field, field === 'monitored' ? false : null]));
    const cleared = await patch(id, nothing);
    assert.deepEqual([cleared.status, of(cleared)], [200, nothing]);
  });

  it('is what lists are filtered by', async () => {
    await post(policy);
    await post({ cidr: '10.1.0.0/16' });
    const found = async (query: string) =>
      (await register.as('engineer').get(`/subnets?${query}`)).body.items.map(
        ({ cidr }: { cidr: string }) => cidr,
      );
    assert.deepEqual(await found('monitored=true'), ['10.0.0.0/16']);
    assert.deepEqual(await found('monitored=false'), ['10.1.0.0/16']);
    assert.deepEqual(await found('strategy=first'), ['10.0.0.0/16']);
    assert.deepEqual(await found('strategy__empty=true'), ['10.1.0.0/16']);
    assert.deepEqual(await found('childStrategy=sparse'), ['10.0.0.0/16']);
  });

  for (const [body, path, message] of [
    [{ strategy: 'Nope!' }, 'strategy', 'A strategy is named by lower case letters, digits and dashes'],
    [{ strategy: 'nope' }, 'strategy', 'No nope here.'],
    [
      { minChildPrefixLength: 16 },
      'minChildPrefixLength',
      'A /16 is not a part of 10.0.0.0/16: a part of it is a /17 to a /32.',
    ],
    [
      { maxChildPrefixLength: 33 },
      'maxChildPrefixLength',
      'A /33 is not a part of 10.0.0.0/16: a part of it is a /17 to a /32.',
    ],
    [
      { cidr: '10.0.0.1/32', defaultChildPrefixLength: 32 },
      'defaultChildPrefixLength',
      'A /32 is not a part of 10.0.0.1/32: nothing fits into it.',
    ],
    [
      { minChildPrefixLength: 28, maxChildPrefixLength: 24 },
      'maxChildPrefixLength',
      'minChildPrefixLength is /28, longer than maxChildPrefixLength, which is /24.',
    ],
    [
      { minChildPrefixLength: 24, defaultChildPrefixLength: 20 },
      'defaultChildPrefixLength',
      'minChildPrefixLength is /24, longer than defaultChildPrefixLength, which is /20.',
    ],
    [
      { maxChildPrefixLength: 24, defaultChildPrefixLength: 28 },
      'maxChildPrefixLength',
      'defaultChildPrefixLength is /28, longer than maxChildPrefixLength, which is /24.',
    ],
    [{ minChildPrefixLength: 24.5 }, 'minChildPrefixLength', 'It has to be a whole number.'],
    [{ cooldownSeconds: -1 }, 'cooldownSeconds', 'It has to be at least 0.'],
    [{ cooldownSeconds: 1e9 }, 'cooldownSeconds', 'It has to be at most 31536000.'],
    [{ monitored: 'yes' }, 'monitored', 'It has to be true or false, not text.'],
  ] as const) {
    it(`refuses ${JSON.stringify(body)}`, async () => {
      const answer = await post(body);
      assert.equal(answer.status, 422, JSON.stringify(answer.body));
      assert.deepEqual(
        answer.body.errors.map((each: { path: string; message: string }) => [each.path, each.message]),
        [[`body.${path}`, message]],
      );
    });
  }

  it('is judged by what a change leaves, and the field that was given is at fault', async () => {
    const { id } = (await post(policy)).body;
    const answer = await patch(id, { minChildPrefixLength: 26 });
    assert.deepEqual(
      [answer.status, answer.body.errors],
      [
        422,
        [
          {
            path: 'body.minChildPrefixLength',
            code: 'wrong-order',
            message: 'minChildPrefixLength is /26, longer than defaultChildPrefixLength, which is /24.',
          },
        ],
      ],
    );
    assert.equal((await patch(id, { minChildPrefixLength: 26, defaultChildPrefixLength: null })).status, 200);
    assert.equal((await patch(id, { strategy: 'other' })).body.errors[0].message, 'No other here.');
  });

  it('holds whoever writes', async () => {
    const { id } = (await post({})).body;
    const set = (sql: string) => register.db.query(`UPDATE subnet SET ${sql} WHERE id = ${id}`);
    await assert.rejects(set('min_child_prefix_length = 16'), /subnet_child_length_check/);
    await assert.rejects(set('default_child_prefix_length = 33'), /subnet_child_length_check/);
    await assert.rejects(
      set('min_child_prefix_length = 24, max_child_prefix_length = 20'),
      /subnet_child_length_order_check/,
    );
    await assert.rejects(set('cooldown_seconds = -1'), /subnet_cooldown_check/);
    await set('min_child_prefix_length = 20, max_child_prefix_length = 20, default_child_prefix_length = 20');
  });
});
