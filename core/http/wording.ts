import type { z } from 'zod';

type RawIssue = z.core.$ZodRawIssue;

/** What types are called to people who may never have seen JavaScript. */
const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  nan: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const formats: Readonly<Record<string, string>> = {
  datetime: 'a moment with its time zone, as in 2026-11-24T12:00:00Z',
  date: 'a day, as in 2026-11-24',
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return kinds[typeof value] ?? typeof value;
}

/** What would be right where something is missing or of the wrong type; undefined for other faults. */
function expectation(issue: RawIssue): string | undefined {
  if (issue.code === 'invalid_type') return kinds[String(issue.expected)] ?? String(issue.expected);
  if (issue.code !== 'invalid_value') return undefined;
  const values = (issue.values as unknown[]).map(String);
  return values.length === 1 ? values[0] : `one of ${values.join(', ')}`;
}

function sizeOf(issue: RawIssue, limit: unknown, bound: string): string {
  const things = { string: 'character', array: 'item', set: 'item', object: 'key' }[String(issue.origin)];
  if (!things) return `It has to be ${bound} ${limit}.`;
  return `It has to have ${bound} ${limit} ${things}${Number(limit) === 1 ? '' : 's'}.`;
}

/** What a schema finds wrong, in words of ours; undefined leaves it to zod. A schema's own message goes before either. */
export function wording(issue: RawIssue): string | undefined {
  const wanted = expectation(issue);
  if (wanted !== undefined) {
    if (issue.input === undefined) return `It is missing (${wanted}).`;
    if (issue.code === 'invalid_value') {
      return typeof issue.input === 'string' && issue.input.length <= 50
        ? `"${issue.input}" is not possible here; it takes ${wanted.replace('one of ', '')}.`
        : `It has to be ${wanted}.`;
    }
    // Of a number that is not whole or not finite, its type is no news.
    return typeof issue.input === 'number' && /number/.test(wanted)
      ? `It has to be ${wanted === 'a number' ? 'a number of moderate size' : wanted}.`
      : `It has to be ${wanted}, not ${kindOf(issue.input)}.`;
  }
  if (issue.code === 'too_small') {
    return sizeOf(issue, issue.minimum, issue.inclusive ? 'at least' : 'more than');
  }
  if (issue.code === 'too_big')
    return sizeOf(issue, issue.maximum, issue.inclusive ? 'at most' : 'less than');
  const format = issue.code === 'invalid_format' ? formats[String(issue.format)] : undefined;
  return format && `It has to be ${format}.`;
}
