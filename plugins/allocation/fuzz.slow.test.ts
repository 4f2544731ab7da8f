import { fuzz } from './testing/fuzz.ts';

describe('writing routes, at length', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
  it(`answer 2,000 random bodies each with less than 500, and every refusal as a problem (SEED=${seed})`, () =>
    fuzz(2000, seed)).timeout(900_000);
});
