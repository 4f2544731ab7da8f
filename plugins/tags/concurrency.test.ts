import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { tags } from './index.ts';

describe('a tag that is renamed while others write', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([allocation, tags]);
  });
  after(() => register.stop());

  it('waits its turn, and so do they: nobody is refused, and no record loses its tag', async () => {
    const engineer = register.as('engineer');
    const { body: tag } = await engineer.post('/tags', { name: 'a' });
    const subnets: number[] = [];
    for (const n of [1, 2, 3, 4]) {
      const { body } = await engineer.post('/subnets', { cidr: `10.0.${n}.0/24`, tags: ['a', 'keep'] });
      subnets.push(body.id);
      await engineer.post(`/subnets/${body.id}/allocations`, { count: 20, tags: ['a', 'keep'] });
    }
    const names = ['b', 'c', 'd', 'e', 'f'];
    const renames = (async () => {
      const answers = [];
      for (const name of names) answers.push(await engineer.patch(`/tags/${tag.id}`, { name }));
      return answers;
    })();
    const writers = subnets
      .toReversed()
      .flatMap((id) => [
        ...Array.from({ length: 4 }, () => engineer.post(`/subnets/${id}/allocations`, { count: 2 })),
        engineer.patch(`/subnets/${id}`, { description: 'written meanwhile' }),
        engineer.post(`/subnets`, { cidr: `10.9.${id % 200}.0/24` }),
      ]);
    const answers = [...(await Promise.all(writers)), ...(await renames)];
    assert.deepEqual(
      answers.filter(({ status }) => status >= 300).map(({ body }) => body),
      [],
    );
    const rows = await register.db.query(
      `SELECT tags, count(*) AS n FROM (SELECT tags FROM subnet UNION ALL SELECT tags FROM address) r
        WHERE tags <> '{}' GROUP BY tags`,
    );
    assert.deepEqual(rows, [{ tags: ['f', 'keep'], n: 84 }]);
  });
});
