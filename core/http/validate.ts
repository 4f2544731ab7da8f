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
  if (near.length > 0)
    return `"${key}" is not known here; did you mean ${near.map((n) => `"${n}"`).join(' or ')}?`;
  if (known.length === 0) return `"${key}" is not known here; nothing is expected.`;
  const shown = known.length > 30 ? `${known.slice(0, 30).join(', ')} …` : known.join(', ');
  return `"${key}" is not known here; known are ${shown}.`;
}

type Node = z.ZodType | undefined;

/** A schema without what is wrapped round it (optional, default, pipe, preprocess). */
function bare(schema: Node): Node {
  const def = schema?.def as { type?: string; innerType?: Node; in?: Node; out?: Node } | undefined;
  const inner = def?.in?.def.type === 'transform' ? def.out : (def?.innerType ?? def?.in);
  return inner ? bare(inner) : schema;
}

interface Def {
  shape?: Record<string, Node>;
  element?: Node;
  valueType?: Node;
  options?: readonly Node[];
}

/** What a bare schema is made of, of a union each of its branches: zod tells the faults of a branch as if there were no other. */
function defsOf(schema: Node): Def[] {
  const def = bare(schema)?.def as Def | undefined;
  return def?.options ? def.options.flatMap(defsOf) : def ? [def] : [];
}

/** The schema of what stands at a path inside a value; undefined where the path leads out of it. */
function schemaAt(schema: Node, path: readonly PropertyKey[]): Node {
  return path.reduce<Node>((current, step) => {
    const inside = ({ element, shape, valueType }: Def) =>
      typeof step === 'number' ? element : (shape?.[String(step)] ?? valueType);
    return defsOf(current).map(inside).find(Boolean);
  }, schema);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (current, step) => (current as Record<PropertyKey, unknown> | undefined)?.[step],
    value,
  );
}

/** Of the branches of a union, the one that was most likely meant: the first whose type is right at its root. */
function meantBranch(branches: readonly z.core.$ZodIssue[][]): number {
  return branches.findIndex((issues) =>
    issues.every(
      ({ code, path }) => path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value'),
    ),
  );
}

/** One issue of zod as faults of ours, with `before` in front of their paths. */
function flatten(issue: z.core.$ZodIssue, before: string, schema: Node, value: unknown): FieldError[] {
  const path = [before, ...issue.path.map(String)].join('.');
  const here = schemaAt(schema, issue.path);
  const given = valueAt(value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = [...new Set(defsOf(here).flatMap(({ shape = {} }) => Object.keys(shape)))];
    return issue.keys.map((key) => ({
      path: `${path}.${key}`,
      code: 'unknown-key',
      message: unknownKeyMessage(key, known),
    }));
  }
  if (given === undefined && (issue.code.startsWith('invalid_') || issue.code === 'custom')) {
    const [, wanted] = /expected (.+?)(?:, received|$)/.exec(issue.message) ?? [];
    return [{ path, code: 'required', message: wanted ? `It is missing (${wanted}).` : 'It is missing.' }];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const meant = meantBranch(issue.errors);
    const options = (bare(here)?.def as { options?: readonly Node[] } | undefined)?.options;
    const inner = issue.errors[meant];
    if (inner) return inner.flatMap((each) => flatten(each, path, options?.[meant], given));
    const messages = new Set(issue.errors.flat().map(({ message }) => message));
    return [{ path, code: 'invalid-union', message: [...messages].join(' or ') }];
  }
  const own = issue.code === 'custom' ? issue.params?.code : undefined;
  const code = typeof own === 'string' ? own : issue.code.replaceAll('_', '-');
  return [{ path, code, message: issue.message }];
}

/** Collects what is wrong with every part of one request, so that the client is told all of it at once. */
export class Faults {
  readonly errors: FieldError[] = [];

  /** The parsed value; undefined where it is not valid, and then the faults are noted. */
  check<Schema extends z.ZodType>(
    part: string,
    schema: Schema,
    value: unknown,
  ): z.output<Schema> | undefined {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    this.errors.push(...result.error.issues.flatMap((issue) => flatten(issue, part, schema, value)));
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
