import { deepestJson, formatRuns, nestsTooDeep, type Run, readRuns } from '#core';
import { type Column, labelsIn } from './columns.ts';
import type { Row } from './reading.ts';

/** A field that was filled in wrongly: a sentence for who filled it in. */
export class FieldFault extends Error {}

/** How a value stands in a form: JSON, runs and labels as text, so that AdminJS does not take them apart. */
function shown({ kind }: Column, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (kind === 'json') return JSON.stringify(value, undefined, 2);
  if (kind === 'fields') return JSON.stringify(value);
  if (kind === 'runs') return formatRuns(value as Run[]);
  if (kind === 'labels') return (value as string[]).join(', ');
  // A record's reference is looked up by its text.
  if (kind === 'reference' || kind === 'id') return String(value);
  return value;
}

/** A row as AdminJS's flat parameters. */
export function shownRow(columns: ReadonlyMap<string, Column>, row: Row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const column = columns.get(name);
      return [name, column ? shown(column, value) : value];
    }),
  );
}

function numberOf(text: string): number {
  const value = Number(text);
  if (Number.isNaN(value)) throw new FieldFault(`"${text}" is not a number.`);
  return value;
}

function jsonOf(text: string): unknown {
  if (nestsTooDeep(Buffer.from(text))) throw new FieldFault(`It nests deeper than ${deepestJson} levels.`);
  try {
    return JSON.parse(text);
  } catch (fault) {
    throw new FieldFault(`This is not JSON: ${(fault as Error).message}.`);
  }
}

function runsOf(text: string): Run[] {
  const runs = readRuns(text);
  if (!runs.ok) throw new FieldFault(runs.why);
  return runs.value;
}

function momentOf(value: unknown): string {
  const at = value instanceof Date ? value : new Date(String(value));
  if (Number.isNaN(at.getTime())) throw new FieldFault(`"${value}" is not a date and time.`);
  return at.toISOString();
}

/** Browsers end the lines of a form with CR LF. */
function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** What was typed into a field, as the value that the API takes; null where nothing was. Throws a FieldFault. */
export function typed({ kind, nullable }: Pick<Column, 'kind' | 'nullable'>, value: unknown): unknown {
  if (value === null || value === undefined || (typeof value === 'string' && value.trim() === '')) {
    if (kind === 'labels' || kind === 'runs') return [];
    return kind === 'fields' || (kind === 'json' && !nullable) ? {} : null;
  }
  switch (kind) {
    case 'id':
    case 'reference':
    case 'integer':
    case 'number':
      return numberOf(String(value));
    case 'boolean':
      return value === true || value === 'true';
    case 'json':
    case 'fields':
      return typeof value === 'string' ? jsonOf(value) : value;
    case 'runs':
      return typeof value === 'string' ? runsOf(value) : value;
    case 'labels':
      return labelsIn(String(value));
    case 'moment':
      return momentOf(value);
    case 'day':
      return momentOf(value).slice(0, 10);
    default:
      return typeof value === 'string' ? unixLines(value).trim() : value;
  }
}

/** Whether a field holds what the form was opened with: browsers send every field, with their own ends of lines. */
export function untouched(column: Column, value: unknown, current: unknown): boolean {
  return (
    typeof value === 'string' &&
    current !== null &&
    unixLines(value) === unixLines(String(shown(column, current)))
  );
}

/** Whether two values of a column mean the same. */
export function same({ kind }: Column, a: unknown, b: unknown): boolean {
  if (a === null || b === null || a === undefined || b === undefined) return (a ?? null) === (b ?? null);
  if (kind === 'moment') return Date.parse(String(a)) === Date.parse(String(b));
  return JSON.stringify(a) === JSON.stringify(b);
}
