import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Desk, openDesk, outcome } from './testing/desk.ts';
import { dump } from './testing/dump.ts';

type Method = 'get' | 'post' | 'patch' | 'delete';
interface Refusal {
  method: Method;
  path: string;
  /** What goes out as it is; undefined: no body. */
  body: string | undefined;
  /** `422 invalid: body.start: …` */
  answer: string;
}

/** The chapters of refusals.txt: a line with the request, a line with the answer, a blank one. */
function written(): [title: string, refusals: Refusal[]][] {
  const text = readFileSync(new URL('./testing/refusals.txt', import.meta.url), 'utf8');
  const [, ...chapters] = text.split(/^# /m);
  return chapters.map((chapter) => {
    const [title = '', ...rows] = chapter.trim().split('\n\n');
    const refusals = rows.map((row) => {
      const [request = '', answer = ''] = row.split('\n');
      const [, method = '', path = '', body] = /^([A-Z]+) (\S+)(?: (.+))?$/.exec(request) ?? [];
      return { method: method.toLowerCase() as Method, path, body, answer };
    });
    return [title, refusals];
  });
}

describe('is refused, told what was wrong, and changes nothing:', () => {
  let desk: Desk;
  let untouched: Record<string, string[]>;
  before(async () => {
    desk = await openDesk();
    const engineer = desk.engineer();
    await engineer.post('/vrfs', { name: 'blue' });
    await desk.make('10.0.0.0/16', { status: 'container' });
    await desk.make('10.0.0.0/24', { gateway: '10.0.0.1' }, '10.0.1.0/24', '2001:db8::/64');
    await desk.hold('10.0.0.10', { hostname: 'web' });
    await engineer.post('/ranges', { start: '10.0.0.200', end: '10.0.0.209', purpose: 'dhcp' });
    await engineer.post('/ranges', { start: '10.0.0.120', end: '10.0.0.139', purpose: 'dhcp' });
    for (const name of ['all', 'other']) await engineer.post('/pools', { name, members: [3, 2] });
    untouched = await dump(desk.register.db.query);
  });
  after(() => desk.register.stop());
  afterEach(async () => assert.deepEqual(await dump(desk.register.db.query), untouched));

  async function answerTo(
    { method, path, body }: Pick<Refusal, 'method' | 'path' | 'body'>,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const client = desk.engineer();
    const answer = await (method === 'get'
      ? client.get(path, headers)
      : client[method](path, body as never, { 'Content-Type': 'application/json', ...headers }));
    return `${outcome(answer)}: ${answer.body.detail}`;
  }

  for (const [title, refusals] of written()) {
    describe(title, () => {
      for (const { answer, ...request } of refusals) {
        it(`${request.method.toUpperCase()} ${request.path} ${request.body ?? ''}`, async () => {
          const [start = ''] = answer.split('…');
          const answered = await answerTo(request);
          assert.equal(answer.endsWith('…') ? `${answered.slice(0, start.length)}…` : answered, answer);
        });
      }
    });
  }

  for (const [path, item] of [
    ['/subnets', { cidr: '10.5.0.0/24' }],
    ['/addresses', { address: '10.0.0.77' }],
    ['/vrfs', { name: 'red' }],
  ] as const) {
    it(`a list of more than 1,000 for ${path}`, async () => {
      const tooMany = '422 invalid: body: A list has 1000 items at most; send several lists';
      for (const [method, each] of [
        ['post', item],
        ['patch', { id: 2 }],
      ] as const) {
        const body = JSON.stringify(Array.from({ length: 1001 }, () => each));
        assert.equal(await answerTo({ method, path, body }), tooMany);
      }
    });
  }

  for (const [path, body] of [
    ['/ranges', '{"start": "10.0.0.1", "end": "10.0.0.9", "purpose": "dhcp"}'],
    ['/pools', '{"name": "new", "members": [2]}'],
    ['/subnets/2/split', '{"prefixLength": 26}'],
    ['/subnets/2/allocations', '{}'],
    ['/subnets/2/allocations', '[{}]'],
    ['/subnets/1/subnet-allocations', '{"prefixLength": 28}'],
    ['/subnets', '[{"cidr": "10.5.0.0/24"}]'],
  ] as const) {
    it(`an Idempotency-Key that is none, at POST ${path} ${body}`, async () => {
      for (const key of ['', 'two words', 'x'.repeat(256), 'clé']) {
        assert.equal(
          await answerTo({ method: 'post', path, body }, { 'Idempotency-Key': key }),
          '422 invalid: header.Idempotency-Key: It has to be 1 to 255 visible ASCII characters without blanks, sent once; a UUID will do.',
        );
      }
    });
  }
});
