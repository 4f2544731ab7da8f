import assert from 'node:assert/strict';
import { builtInPlugins } from '#config/plugins';
import { startTestRegister, type TestRegister } from '#core/testing';
import { ApiProcesses, type Ask } from './plugins/allocation/testing/processes.ts';

describe('handing out VIDs, on two processes', function () {
  this.timeout(60_000);
  let register: TestRegister;
  let processes: ApiProcesses;
  let asks: Ask[];
  before(async () => {
    register = await startTestRegister(builtInPlugins);
    processes = new ApiProcesses(register);
    asks = [(await processes.start()).ask, (await processes.start()).ask];
  });
  after(async () => {
    await processes.stop();
    await register.stop();
  });

  it('32 callers of a group with 20 left get 20 different ones, and 12 are told that there are none', async () => {
    const [ask] = asks as [Ask, Ask];
    const vidRanges = [{ start: 1001, end: 1020 }];
    const { body: group } = await ask('POST', '/vlan-groups', { name: 'access', vidRanges });
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, nth) =>
        (asks[nth % 2] as Ask)('POST', `/vlan-groups/${group.id}/allocations`, {}),
      ),
    );
    const vids = answers.flatMap(({ status, body }) => (status === 201 ? [body.vlans[0].vid] : []));
    assert.deepEqual(
      vids.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, nth) => 1001 + nth),
    );
    const refused = answers.filter(({ status }) => status !== 201);
    assert.deepEqual(
      refused.map(({ status, body }) => [status, body.type]),
      Array.from({ length: 12 }, () => [409, 'urn:cadastre:error:vids-exhausted']),
    );
  });
});
