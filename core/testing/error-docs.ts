import { readFile } from 'node:fs/promises';
import type { ProblemKind } from '../errors/problem.ts';

interface Row {
  owner: string;
  code: string;
  status: number;
  title: string;
  cure: string;
}

/** The rows of docs/errors.md; the heading above a table names the owner of its errors. */
async function documentedErrors(): Promise<Row[]> {
  const text = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  return text.split(/^## /m).flatMap((section) => {
    const owner = section.slice(0, section.indexOf('\n')).trim();
    const rows = section.matchAll(/^\| `([^`]+)` \| (\d+) \| ([^|]+) \| ([^|]*) \|$/gm);
    return [...rows].map(([, code = '', status, title = '', cure = '']) => ({
      owner,
      code,
      status: Number(status),
      title,
      cure,
    }));
  });
}

/** How the errors of these owners and their documentation differ, one sentence each; empty where they agree. */
export async function errorDocFaults(owners: Record<string, readonly ProblemKind[]>): Promise<string[]> {
  const rows = (await documentedErrors()).filter(({ owner }) => owner in owners);
  const missing = Object.entries(owners).flatMap(([owner, kinds]) =>
    kinds
      .filter(({ code }) => !rows.some((row) => row.owner === owner && row.code === code))
      .map(
        ({ code, status, title }) => `missing under "${owner}": | \`${code}\` | ${status} | ${title} |  |`,
      ),
  );
  const wrong = rows.flatMap(({ owner, code, status, title, cure }) => {
    const kind = owners[owner]?.find((each) => each.code === code);
    if (!kind) return [`${owner} has no error ${code}`];
    if (kind.status !== status || kind.title !== title) {
      return [`${code} is ${kind.status} "${kind.title}", not ${status} "${title}"`];
    }
    return cure.trim() === '' ? [`${code} does not say what to do`] : [];
  });
  return [...missing, ...wrong];
}

/** The owners of errors that docs/errors.md has a heading for. */
export async function documentedOwners(): Promise<string[]> {
  return [...new Set((await documentedErrors()).map(({ owner }) => owner))];
}
