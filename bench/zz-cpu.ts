import { stopTestServer } from '#core/testing';
import { filledSubnet, settle } from './harness/filled.ts';
import { run } from './harness/load.ts';
import { startProduct } from './harness/product.ts';
import { sample } from './harness/rounds.ts';

const product = await startProduct();
const ids = [] as number[];
for (let n = 0; n < 4; n++)
  ids.push(await filledSubnet(product, `${64 * (n % 2) + 20}.${64 * n}.0.0/10`, { count: 0 }));
await settle(product);
const cases = {
  empty: { ...product.load('POST', '/bench/empty', {}), seconds: 3 },
  emptywrk: { ...product.load('POST', '/bench/empty', {}), seconds: 3, by: 'wrk' as const },
  alloc: { ...product.load('POST', `/subnets/${ids[0]}/allocations`, {}), seconds: 3 },
  keyed: { ...product.load('POST', `/subnets/${ids[1]}/allocations`, {}), seconds: 3, keyed: true },
};
for (const c of Object.values(cases)) await run({ ...c, seconds: 2 } as never);
for (let round = 0; round < 4; round++)
  for (const [name, load] of Object.entries(cases)) {
    const before = await product.databaseCpu();
    const s = await sample(product, load as never);
    console.log(
      name.padEnd(9),
      Math.round(s.rate),
      'node',
      s.cpu.toFixed(1),
      'db',
      (((await product.databaseCpu()) - before) / s.requests).toFixed(1),
      'p50',
      s.p50.toFixed(2),
    );
  }
await product.stop();
await stopTestServer();
