import { fuzz } from './testing/fuzz.ts';

describe('writing routes', () => {
  const seed = Number(process.env.SEED ?? 1);
  it(`answer 100 random bodies each with less than 500, and every refusal as a problem (SEED=${seed})`, () =>
    fuzz(100, seed)).timeout(60_000);
});
