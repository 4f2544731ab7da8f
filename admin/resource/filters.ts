import { isIP } from 'node:net';
import { type Bindings, literally } from '#core';
import { type Column, labelsIn } from './columns.ts';

/** What a filter's field holds: text, or the ends of a range of time. */
export type FilterValue = string | { from?: string; to?: string };

/** The block that a person means: an address, a CIDR, or the first octets of one (`10.20` is 10.20.0.0/16). */
function blockOf(text: string): string | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  if (isIP(address) !== 0 && !address.includes('%')) {
    if (length === undefined) return `${address}/${bits}`;
    return rest.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= bits ? text : undefined;
  }
  const octets = /^(\d{1,3}(?:\.\d{1,3}){0,2})\.?$/.exec(text)?.[1]?.split('.');
  if (!octets || length !== undefined || octets.some((octet) => Number(octet) > 255)) return undefined;
  // A bare number is more likely a fragment of something than the first octet.
  if (octets.length === 1 && !text.endsWith('.')) return undefined;
  return `${[...octets, '0', '0', '0'].slice(0, 4).join('.')}/${octets.length * 8}`;
}

function within(sql: string, text: string, bindings: Bindings): string {
  const block = blockOf(text);
  // Host bits are forgiven: who types 10.0.0.1/8 means the /8.
  if (block) return `${sql} <<= network(${bindings.bind(block, 'inet')})`;
  return `${sql}::text ILIKE ${bindings.bind(literally(text), 'text')}`;
}

function integer(sql: string, text: string, bindings: Bindings): string {
  return /^-?\d{1,18}$/.test(text) ? `${sql} = ${bindings.bind(text, 'bigint')}` : 'false';
}

function decimal(sql: string, text: string, bindings: Bindings): string {
  return /^-?\d{1,30}(\.\d{1,30})?$/.test(text) ? `${sql} = ${bindings.bind(text, 'numeric')}` : 'false';
}

function mac(sql: string, text: string, bindings: Bindings): string {
  const digits = text.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();
  if (digits.length === 12) return `${sql} = ${bindings.bind(digits, 'macaddr')}`;
  return `replace(${sql}::text, ':', '') LIKE ${bindings.bind(literally(digits || text), 'text')}`;
}

function labels(sql: string, text: string, bindings: Bindings): string {
  const wanted = labelsIn(text);
  if (wanted.length === 0) return '';
  // Said twice, so that an index of those that have any serves it.
  return `(${sql} <> '{}' AND ${sql} @> ${bindings.bind(wanted, 'text[]')})`;
}

/** Of columns of runs, those that one number lies in. */
function runs(sql: string, text: string, bindings: Bindings): string {
  if (!/^\d{1,15}$/.test(text)) return 'false';
  return `EXISTS (SELECT FROM jsonb_array_elements(${sql}) run
    WHERE ${bindings.bind(text, 'bigint')} BETWEEN (run ->> 'start')::bigint AND (run ->> 'end')::bigint)`;
}

function json(sql: string, text: string, bindings: Bindings): string {
  if (isJson(text) && /^[[{]/.test(text)) return `${sql}::jsonb @> ${bindings.bind(text, 'jsonb')}`;
  return `${sql}::text ILIKE ${bindings.bind(literally(text), 'text')}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A moment as PostgreSQL reads it; undefined for what is none. */
function momentOf(text: string | undefined): string | undefined {
  return text !== undefined && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : undefined;
}

function between(sql: string, { from, to }: { from?: string; to?: string }, bindings: Bindings): string {
  const [first, last] = [momentOf(from), momentOf(to)];
  return [
    ...(first === undefined ? [] : [`${sql} >= ${bindings.bind(first, 'timestamptz')}`]),
    ...(last === undefined ? [] : [`${sql} <= ${bindings.bind(last, 'timestamptz')}`]),
  ].join(' AND ');
}

/** The SQL condition of one filter field; empty where nothing was typed, `false` for what no value can match. */
export function conditionOf({ kind, sql, exact }: Column, value: FilterValue, bindings: Bindings): string {
  if (typeof value === 'object') {
    return kind === 'moment' || kind === 'day' ? between(sql, value, bindings) : 'false';
  }
  const text = String(value).trim();
  if (text === '') return '';
  // PostgreSQL's text holds no NUL, so nothing can be like it.
  if (text.includes('\0')) return 'false';
  if (exact && kind === 'text') return `${sql} = ${bindings.bind(text, 'text')}`;
  switch (kind) {
    case 'network':
      return within(sql, text, bindings);
    case 'mac':
      return mac(sql, text, bindings);
    case 'id':
    case 'reference':
    case 'integer':
      return integer(sql, text, bindings);
    case 'number':
      return decimal(sql, text, bindings);
    case 'boolean':
      return `${sql} = ${bindings.bind(text === 'true', 'boolean')}`;
    case 'moment':
    case 'day':
      return between(sql, { from: text, to: text }, bindings);
    case 'labels':
      return labels(sql, text, bindings);
    case 'runs':
      return runs(sql, text, bindings);
    case 'json':
    case 'fields':
      return json(sql, text, bindings);
    case 'choice':
    case 'uuid':
      return `${sql}::text = ${bindings.bind(text, 'text')}`;
    default:
      return `${sql} ILIKE ${bindings.bind(literally(text), 'text')}`;
  }
}
