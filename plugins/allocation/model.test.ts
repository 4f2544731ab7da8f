import { ModelRun } from './testing/run-model.ts';

describe('the address space, against a plain model of it', () => {
  let run: ModelRun;
  before(async () => {
    run = await ModelRun.start();
  });
  after(() => run.stop());

  const given = process.env.SEED;
  for (const seed of given ? [Number(given)] : [1, 2, 3, 4]) {
    it(`agrees on everything after every step of a random sequence (SEED=${seed})`, () => run.play(seed, 60));
  }
});
