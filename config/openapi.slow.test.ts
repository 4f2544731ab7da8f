import assert from 'node:assert/strict';
import { fuzzRegister } from './testing/fuzz.ts';

describe('every route, at length,', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
  const seconds = Number(process.env.FUZZ_SECONDS ?? 60);
  it(`answers whatever it is asked as its documentation says, for ${seconds} s (SEED=${seed})`, async () => {
    const statuses = await fuzzRegister(seconds, seed);
    console.log(`      ${JSON.stringify(statuses)}`);
    assert.ok(statuses[200]);
  }).timeout((seconds + 60) * 1_000);
});
