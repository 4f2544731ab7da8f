import assert from 'node:assert/strict';
import { builtInPlugins } from '#config/plugins';
import { Receiver, startTestRegister, type TestRegister } from '#core/testing';
import { ApiProcesses } from './plugins/allocation/testing/processes.ts';

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 200; !(await isSo()); left -= 1) {
    assert.ok(left > 0, `it never was so: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a notification, whose sender is killed while it sends', function () {
  this.timeout(60_000);
  let register: TestRegister;
  let processes: ApiProcesses;
  const receiver = new Receiver();
  before(async () => {
    await receiver.open();
    register = await startTestRegister(builtInPlugins);
    processes = new ApiProcesses(register);
  });
  after(async () => {
    await processes.stop();
    await register.stop();
    await receiver.close();
  });

  it('is sent by one of two others, with the same id', async () => {
    receiver.answers.push(() => undefined);
    const first = await processes.start();
    const settings = { url: receiver.url };
    const made = { name: 'hook', kind: 'webhook', events: ['subnet.deleted'], settings };
    assert.equal((await first.ask('POST', '/notifiers', made)).status, 201);
    const { body: subnet } = await first.ask('POST', '/subnets', { cidr: '10.0.0.0/24' });
    assert.equal((await first.ask('DELETE', `/subnets/${subnet.id}`)).status, 204);
    await until(() => receiver.received.length === 1);
    await first.kill();
    // Half a minute goes by.
    await register.owner.query(`UPDATE delivery SET due_at = now(); UPDATE job_run SET leased_until = now()`);
    await Promise.all([processes.start(), processes.start()]);
    await until(async () => {
      const rows = await register.owner.query<{ state: string }>('SELECT state FROM delivery');
      return rows[0]?.state === 'delivered';
    });
    const ids = receiver.taken().map(({ headers }) => headers['x-cadastre-delivery']);
    assert.deepEqual([ids.length, new Set(ids).size], [2, 1]);
  });
});
