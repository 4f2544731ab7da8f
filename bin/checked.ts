import type { z } from 'zod';
import type { Host } from '../core/plugin/host.ts';
import { UsageError } from './command.ts';

/** Checks input by the schema of the route that takes the same over HTTP; throws UsageError with all that is wrong. */
export function checkedBy<T>(
  { registry }: Host,
  [method, path, part]: ['get' | 'post', string, 'params' | 'query' | 'body'],
  input: Record<string, unknown>,
): T {
  const schema = registry.routes.find((route) => route.method === method && route.path === path)?.[part];
  if (!schema) throw new Error(`The plugin that brings ${method.toUpperCase()} ${path} is not running.`);
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const result = (schema as z.ZodType).safeParse(given);
  if (result.success) return result.data as T;
  // Of several forms a body may take, the first is the one for a single thing.
  const issues = result.error.issues.flatMap((issue) =>
    issue.code === 'invalid_union' ? (issue.errors[0] ?? []) : [issue],
  );
  throw new UsageError(
    issues.map(({ path: at, message }) => `${at.join('.') || part}: ${message}`).join('\n'),
  );
}
