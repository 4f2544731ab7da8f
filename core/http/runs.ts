/** Whole numbers from one to another, both of them in it. */
export interface Run {
  start: number;
  end: number;
}

/** Runs of numbers as a person writes them: `100-199, 300`. */
export function formatRuns(runs: readonly Run[]): string {
  return runs.map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`)).join(', ');
}

/** Reads runs of numbers in the order written: `100-199, 300`; with `ok: false` comes what is wrong, and what would be right. */
export function readRuns(text: string): { ok: true; value: Run[] } | { ok: false; why: string } {
  const value: Run[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const [, from = '', to = from] = /^(\d{1,15})(?:\s*[-–]\s*(\d{1,15}))?$/.exec(part) ?? [];
    if (from === '') return { ok: false, why: `"${part}" is no run of numbers; write 100-199, 300.` };
    const run = { start: Number(from), end: Number(to) };
    if (run.start > run.end)
      return { ok: false, why: `"${part}" runs backwards; write ${run.end}-${run.start}.` };
    value.push(run);
  }
  return { ok: true, value };
}
