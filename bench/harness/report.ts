import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { generator } from './load.ts';

type Cell = string | number;

const file = new URL('../../docs/benchmarks.md', import.meta.url);
const preamble =
  '# Benchmarks\n\nWritten by `bench/` (see its README); ratios travel, absolute figures do not.\n';

/** The figures of one bench: printed as they come, and with `--write` kept in docs/benchmarks.md. */
export class Report {
  readonly #title: string;
  readonly #parts: string[] = [];

  constructor(title: string, postgres?: string) {
    this.#title = title;
    const database = postgres ? `, PostgreSQL ${postgres}` : '';
    this.say(
      `${cpus().length} cores, Node ${process.versions.node}${database}; server, load (${generator}) and database on one machine.`,
    );
  }

  say(text: string): void {
    this.#parts.push(text);
    process.stdout.write(`\n${text}\n`);
  }

  table(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
    const cells = [
      head,
      head.map((_, at) => (at === 0 ? '---' : '--:')),
      ...rows.map((row) => row.map(shown)),
    ];
    const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
    const line = (row: readonly string[]) =>
      `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
    this.say(cells.map(line).join('\n'));
  }

  /** Says whether a goal was met. */
  goal(what: string, value: number, least: number): void {
    this.say(
      `${value >= least ? 'met' : 'MISSED'}: ${what} is ${value.toFixed(2)}, the goal is ${least.toFixed(2)}.`,
    );
  }

  /** With `--write`, replaces this bench's chapter of docs/benchmarks.md. */
  end(): void {
    if (!process.argv.includes('--write')) return;
    const [intro = preamble, ...chapters] = (existsSync(file) ? readFileSync(file, 'utf8') : preamble).split(
      /^(?=## )/m,
    );
    const others = chapters.filter((chapter) => !chapter.startsWith(`## ${this.#title}\n`));
    const own = `## ${this.#title}\n\n${this.#parts.join('\n\n')}\n`;
    writeFileSync(
      file,
      [intro, ...others, own]
        .map((part) => part.trim())
        .join('\n\n')
        .concat('\n'),
    );
  }
}

function shown(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (!Number.isFinite(cell)) return '–';
  return cell >= 1000 ? Math.round(cell).toLocaleString('en') : cell.toFixed(cell < 10 ? 2 : 1);
}
