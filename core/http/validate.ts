import leven from 'leven';
import type { z } from 'zod';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { FieldError, Problem } from '../errors/problem.ts';

/** The known names that a mistyped one may have meant: at most three, nearest first. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const reach = Math.max(2, Math.floor(name.length / 3));
  return known
    .map((candidate) => ({ candidate, distance: leven(name, candidate, { maxDistance: reach + 1 }) }))
    .filter(({ candidate, distance }) => distance <= reach || candidate.startsWith(name))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function unknownKeyMessage(key: string, known: readonly string[]): string {
  const near = nearNames(key, known);
  if (near.length > 0) return `"${key}" is not known here; did you mean ${near.map((n) => `"${n}"`).join(' or ')}?`;
  if (known.length === 0) return `"${key}" is not known here; nothing is expected.`;
  const shown = known.length > 30 ? `${known.slice(0, 30).join(', ')} …` : known.join(', ');
  return `"${key}" is not known here; known are ${shown}.`;
}

function shapeAt(schema: z.ZodType | undefined, path: readonly PropertyKey[]): readonly string[] {
  let current: unknown = schema;
  const unwrap = () => {
    for (;;) {
      const inner = (current as { def?: { innerType?: unknown; in?: unknown } } | undefined)?.def;
      const next = inner?.innerType ?? inner?.in;
      if (!next) return;
      current = next;
    }
  };
  unwrap();
  for (const step of path) {
    const def = (current as { def?: { shape?: Record<string, unknown>; element?: unknown } } | undefined)?.def;
    current = typeof step === 'number' ? def?.element : def?.shape?.[String(step)];
    unwrap();
  }
  const shape = (current as { def?: { shape?: object } } | undefined)?.def?.shape;
  return shape ? Object.keys(shape) : [];
}

function flatten(issue: z.core.$ZodIssue, part: string, schema: z.ZodType): FieldError[] {
  const path = [part, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = shapeAt(schema, issue.path);
    return issue.keys.map((key) => ({
      path: `${path}.${key}`,
      code: 'unknown-key',
      message: unknownKeyMessage(key, known),
    }));
  }
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  const code = missing ? 'required' : issue.code.replaceAll('_', '-');
  return [{ path, code, message: missing ? `It is missing (${issue.message.split(':').at(-1)?.split(',')[0]?.trim()}).` : issue.message }];
}

/** Collects what is wrong with every part of one request, so that the client is told all of it at once. */
export class Faults {
  readonly errors: FieldError[] = [];

  /** The parsed value; undefined where it is not valid, and then the faults are noted. */
  check<Schema extends z.ZodType>(part: string, schema: Schema, value: unknown): z.output<Schema> | undefined {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    this.errors.push(...result.error.issues.flatMap((issue) => flatten(issue, part, schema)));
    return undefined;
  }

  /** The 422 that lists them all, or undefined where nothing is wrong. */
  problem(): Problem | undefined {
    return this.errors.length === 0 ? undefined : invalidRequest(this.errors);
  }
}

/** 422 with every field that failed; the detail repeats the first for people who read one line. */
export function invalidRequest(errors: FieldError[]): Problem {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return kernelErrors.invalid(`${first?.path}: ${first?.message}${more}`, { errors });
}
