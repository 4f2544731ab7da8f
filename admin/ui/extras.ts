import type { RecordJSON } from 'adminjs';
import type { Extras } from '../resource/extras.ts';

/** One of the things that a record carries to its page beside its columns; undefined where it carries none. */
export function extraOf<Name extends keyof Extras>(
  record: Pick<RecordJSON, 'params'> | undefined,
  name: Name,
): Extras[Name] | undefined {
  const json: unknown = record?.params[name];
  return typeof json === 'string' ? JSON.parse(json) : undefined;
}
