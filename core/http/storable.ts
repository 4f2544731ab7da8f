import type { FieldError } from '../errors/problem.ts';

/** Every text in a value that PostgreSQL cannot keep: one with a NUL character, or with half a surrogate pair. */
export function unstorable(value: unknown, path: string): FieldError[] {
  if (typeof value === 'string') {
    if (value.includes('\0')) {
      return [{ path, code: 'not-storable', message: 'It has a NUL character, which cannot be stored.' }];
    }
    if (!value.isWellFormed()) {
      return [
        { path, code: 'not-storable', message: 'It has half a surrogate pair, which is no character.' },
      ];
    }
    return [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...unstorable(key, path),
    ...unstorable(inner, `${path}.${key.toWellFormed().replaceAll('\0', '\ufffd')}`),
  ]);
}
