import leven from 'leven';
import type { z } from 'zod';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { FieldError, Problem } from '../errors/problem.ts';
import { wording } from './wording.ts';

/** The known names that a mistyped one may have meant: at most three, nearest first. */
export function nearNames(name: string, known: readonly string[]): string[] {
  // Of a name of one or two letters nothing would be left that is its own.
  const reach = Math.min(Math.max(2, Math.floor(name.length / 3)), name.length - 1);
  return known
    .map((candidate) => ({ candidate, distance: leven(name, candidate, { maxDistance: reach + 1 }) }))
    .filter(({ candidate, distance }) => distance <= reach || candidate.startsWith(name))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Says of a name that nobody knows which one may have been meant, or which there are. */
export function unknownKeyMessage(key: string, known: readonly string[]): string {
  const near = nearNames(key, known);
  if (near.length > 0)
    return `"${key}" is not known here; did you mean ${near.map((n) => `"${n}"`).join(' or ')}?`;
  if (known.length === 0) return `"${key}" is not known here; nothing is expected.`;
  // Of a list's many filters the bare ones; what can be compared with them is in the docs.
  const shown = known.length > 30 ? known.filter((name) => !name.includes('__')) : known;
  return `"${key}" is not known here; known are ${shown.join(', ')}.`;
}

type Node = z.ZodType | undefined;

/** A schema without what is wrapped round it (optional, default, pipe, preprocess), and of a union the branch that a value is of. */
function bare(schema: Node, value: unknown): Node {
  const def = schema?.def as
    | { type?: string; innerType?: Node; in?: Node; out?: Node; options?: readonly Node[] }
    | undefined;
  const inner = def?.in?.def.type === 'transform' ? def.out : (def?.innerType ?? def?.in);
  if (inner) return bare(inner, value);
  const type = Array.isArray(value) ? 'array' : 'object';
  return (
    def?.options?.map((option) => bare(option, value)).find((option) => option?.def.type === type) ?? schema
  );
}

/** The branches of a union, whatever it is wrapped in. */
function branchesOf(schema: Node): readonly Node[] | undefined {
  const def = schema?.def as { innerType?: Node; in?: Node; options?: readonly Node[] } | undefined;
  const inner = def?.innerType ?? def?.in;
  return inner ? branchesOf(inner) : def?.options;
}

/** The schema and the value of what stands at a path inside a value; undefined where the path leads out of it. */
function placeAt(schema: Node, value: unknown, path: readonly PropertyKey[]): [Node, unknown] {
  return path.reduce<[Node, unknown]>(
    ([outer, whole], step) => {
      const def = bare(outer, whole)?.def as
        | { shape?: Record<string, Node>; element?: Node; valueType?: Node }
        | undefined;
      const inner = typeof step === 'number' ? def?.element : (def?.shape?.[String(step)] ?? def?.valueType);
      return [inner, (whole as Record<PropertyKey, unknown> | undefined)?.[step]];
    },
    [schema, value],
  );
}

/** Of the branches of a union, the one that was most likely meant: the first whose type is right at its root, and the value too. */
function meantBranch(branches: readonly z.core.$ZodIssue[][]): number {
  const without = (...codes: string[]) =>
    branches.findIndex((issues) =>
      issues.every(({ code, path }) => path.length > 0 || !codes.includes(code)),
    );
  const right = without('invalid_type', 'invalid_value');
  if (right >= 0) return right;
  // A word that is none of a closed list, where the other branch is a list of such words.
  const typed = without('invalid_type');
  return branches.every(([issue]) => issue?.code === 'invalid_value') ? -1 : typed;
}

/** Several sentences of which one would have to hold, as one. */
function alternatives(sentences: readonly string[]): string {
  const parts = sentences.map((each) => each.replace(/\.$/, ''));
  const wanted = parts.map((part) => /^It has to be (.+), not (.+)$/.exec(part) ?? []);
  const [first, ...others] = new Set(wanted.map(([, , given]) => given));
  if (first !== undefined && others.length === 0 && parts.length > 1) {
    const kinds = wanted.map(([, kind]) => kind);
    const last = kinds.pop();
    return `It has to be ${kinds.join(', ')}, or ${last}, not ${first}.`;
  }
  return `${parts.join(', or ').replaceAll(', or It ', ', or it ')}.`;
}

/** One issue of zod as faults of ours, with `before` in front of their paths. */
function flatten(issue: z.core.$ZodIssue, before: string, schema: Node, value: unknown): FieldError[] {
  const path = [before, ...issue.path.map(String)].join('.');
  const [here, given] = placeAt(schema, value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys((bare(here, given)?.def as { shape?: object } | undefined)?.shape ?? {});
    return issue.keys.slice(0, mostTold).map((key) => ({
      path: `${path}.${key}`,
      code: 'unknown-key',
      message: unknownKeyMessage(key, known),
    }));
  }
  if (given === undefined && (issue.code.startsWith('invalid_') || issue.code === 'custom')) {
    const message = issue.message.startsWith('It is missing') ? issue.message : 'It is missing.';
    return [{ path, code: 'required', message }];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const meant = meantBranch(issue.errors);
    const options = branchesOf(here);
    const inner = issue.errors[meant];
    if (inner) return inner.flatMap((each) => flatten(each, path, options?.[meant], given));
    const messages = new Set(issue.errors.flat().map(({ message }) => message));
    return [{ path, code: 'invalid-union', message: alternatives([...messages]) }];
  }
  const own = issue.code === 'custom' ? issue.params?.code : undefined;
  const code = typeof own === 'string' ? own : issue.code.replaceAll('_', '-');
  return [{ path, code, message: issue.message }];
}

/** The most faults that are told of: a body of a megabyte may have half a million, and nobody reads those. */
const mostTold = 100;

/** How many faults an issue of zod stands for. */
function faultsIn(issue: z.core.$ZodIssue): number {
  return issue.code === 'unrecognized_keys' ? issue.keys.length : 1;
}

/** Collects what is wrong with every part of one request, so that the client is told all of it at once, or the first `most`. */
export class Faults {
  readonly errors: FieldError[] = [];
  readonly #most: number;
  #untold = 0;

  constructor(most = mostTold) {
    this.#most = most;
  }

  /** The parsed value; undefined where it is not valid, and then the faults are noted. */
  check<Schema extends z.ZodType>(
    part: string,
    schema: Schema,
    value: unknown,
  ): z.output<Schema> | undefined {
    const result = schema.safeParse(value, { error: wording });
    if (result.success) return result.data;
    const { issues } = result.error;
    const told = issues
      .slice(0, this.#most)
      .flatMap((issue) => flatten(issue, part, schema, value))
      .slice(0, this.#most);
    this.errors.push(...told);
    this.#untold += Math.max(0, issues.reduce((sum, issue) => sum + faultsIn(issue), 0) - told.length);
    return undefined;
  }

  /** The 422 that lists them all, or undefined where nothing is wrong. */
  problem(): Problem | undefined {
    return this.errors.length === 0 ? undefined : invalidRequest(this.errors, this.#untold);
  }
}

/** 422 with every field that failed, and how many more did; the detail repeats the first for people who read one line. */
export function invalidRequest(errors: FieldError[], untold = 0): Problem {
  const [first] = errors;
  const others = errors.length - 1 + untold;
  const more = others > 0 ? ` (and ${others} more)` : '';
  return kernelErrors.invalid(`${first?.path}: ${first?.message}${more}`, {
    errors: errors.slice(0, mostTold),
  });
}
