import { ValidationError } from 'adminjs';
import { Problem } from '#core';
import type { ResourceView } from './view.ts';

type PropertyErrors = Record<string, { type: string; message: string }>;

/**
 * A problem as what AdminJS shows beside the fields. There is always one at a field: without, AdminJS says that all went well.
 * What is no problem of the client's (a fault of ours, 503) is thrown on as it is.
 */
export function atTheFields(fault: unknown, view: ResourceView): unknown {
  if (!(fault instanceof Problem) || fault.status >= 500) return fault;
  if (fault.code === 'version-mismatch') {
    const message = 'Somebody has changed it since you opened it. Reload the page to see how it is now.';
    const error = { type: fault.code, message };
    return new ValidationError({ [view.title]: error }, error);
  }
  const errors: PropertyErrors = {};
  const elsewhere: string[] = [];
  for (const { path, code, message } of fault.errors ?? []) {
    const [part, name = '', ...inside] = path.split('.');
    const isField = view.columns.get(name)?.kind === 'fields';
    const known = view.columns.has(name) || view.extra.some((field) => field.name === name);
    // Of values that a form shows each by itself, each has its own fault.
    const at = isField ? [name, ...inside].join('.') : name;
    if (part === 'body' && known) errors[at] ??= { type: code, message };
    else elsewhere.push(`${path}: ${message}`);
  }
  const fields = Object.keys(errors);
  if (fields.length === 0) errors[fieldMeant(fault, view)] = { type: fault.code, message: fault.message };
  const message =
    elsewhere.length > 0 || fields.length === 0 ? elsewhere.join(' ') || fault.message : undefined;
  return new ValidationError(errors, message === undefined ? undefined : { type: fault.code, message });
}

/** The field that a refusal without one is told at: the column that its code names, else the one that names the record. */
function fieldMeant({ code }: Problem, view: ResourceView): string {
  const words = code.split('-');
  return view.create.find((name) => words.includes(name)) ?? view.title;
}
