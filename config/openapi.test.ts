import assert from 'node:assert/strict';
import { fuzzRegister } from './testing/fuzz.ts';

describe('every route', () => {
  const seed = Number(process.env.SEED ?? 1);
  it(`answers whatever it is asked as its documentation says, for five seconds (SEED=${seed})`, async () => {
    const statuses = await fuzzRegister(5, seed);
    assert.ok(
      statuses[200] && statuses[201] && statuses[204] && statuses[403] && statuses[409] && statuses[422],
    );
  }).timeout(60_000);
});
