import { ModelRun } from './testing/run-model.ts';

describe('the address space, against a plain model of it, at length', () => {
  let run: ModelRun;
  before(async () => {
    run = await ModelRun.start();
  });
  after(() => run.stop());

  const sequences = Number(process.env.MODEL_SEQUENCES ?? 200);
  const first = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
  it(`agrees on everything after every step of ${sequences} sequences of 100 (SEED=${first})`, async function () {
    this.timeout(1_800_000);
    for (let seed = first; seed < first + sequences; seed += 1) await run.play(seed, 100);
  });
});
