import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, type Info, parse } from 'csv-parse';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import type { Caller, Transact, Tx } from '#core';
import { newSubnet, type SubnetsApi } from '#plugins/subnets';
import { createSeedPrefix, insertContainersToo, insertSubnets } from './prefixes-sql.ts';

/** A file of `prefix,country_code,country` (gzip where it ends in .gz), and where its prefixes go. */
export interface PrefixLoad {
  file: string;
  /** Name of the VRF; `global` unless told. */
  vrf?: string | undefined;
  /** Also makes the IPv4 /8 and /16 and the IPv6 /20 and /32 that enclose what was read, as containers. */
  containers?: boolean | undefined;
}

/** What a load did: rows read, subnets and containers made, rows whose subnet was there before (or twice in the file). */
export interface PrefixesLoaded {
  read: number;
  created: number;
  containers: number;
  existing: number;
  seconds: number;
}

interface Parts {
  transact: Transact;
  vrfs: Pick<SubnetsApi['vrfs'], 'chosen'>;
}

const header = ['prefix', 'country_code', 'country'];
const row = z.object({
  prefix: newSubnet.shape.cidr,
  country_code: z.string().regex(/^[A-Z]{2}$/, 'A country code is two capital letters (ISO 3166)'),
  country: z.string().trim().min(1, 'The country is missing').max(200),
});

/**
 * Loads prefixes in sets: COPY into a temporary table, then one INSERT in the order of the tree, whose triggers find every
 * parent, all in one transaction. Subnets that exist stay as they are. Nobody is told by events, as there may be a million
 * of them. Throws an Error that names the line where a row is wrong; nothing is loaded then.
 */
export async function loadPrefixes(
  { transact, vrfs }: Parts,
  caller: Caller,
  { file, vrf, containers = false }: PrefixLoad,
): Promise<PrefixesLoaded> {
  const began = performance.now();
  return transact(caller, async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    const vrfId = await vrfs.chosen(tx, { vrf });
    await tx.query(createSeedPrefix);
    const read = await copyRows(tx, file);
    const statement = containers ? insertContainersToo : insertSubnets;
    const [made = { created: 0, containers: 0 }] = await tx.query<{ created: number; containers: number }>(
      statement,
      [vrfId],
    );
    // What the planner knows of the tables is from before; the next query should not have to find out.
    await tx.query(`SELECT refresh_statistics('subnet', 'subnet_usage', 'free_span')`);
    const seconds = (performance.now() - began) / 1000;
    return { read, ...made, existing: read - made.created, seconds };
  });
}

/** Streams the file into the temporary table; answers how many rows there were. */
async function copyRows({ handle }: Tx, file: string): Promise<number> {
  const { connection } = handle as unknown as { connection: pg.Client };
  let rows = 0;
  async function* asText(records: AsyncIterable<{ record: Record<string, string>; info: Info }>) {
    for await (const { record, info } of records) {
      const { prefix, country_code: code, country } = checked(record, file, info.lines);
      rows += 1;
      yield `${prefix}\t${code}\t${country.replaceAll(/[\\\t\n\r]/g, ' ')}\n`;
    }
  }
  const parser = parse({ bom: true, columns: checkedHeader(file), info: true, skip_empty_lines: true });
  const copy = connection.query(copyFrom('COPY seed_prefix (prefix, country_code, country) FROM STDIN'));
  const bytes = createReadStream(file);
  try {
    if (file.endsWith('.gz')) await pipeline(bytes, createGunzip(), parser, asText, copy);
    else await pipeline(bytes, parser, asText, copy);
  } catch (fault) {
    if (fault instanceof CsvError) throw new Error(`${file}: ${fault.message}`, { cause: fault });
    if ((fault as NodeJS.ErrnoException).code?.startsWith('Z_')) {
      throw new Error(`${file} is not a whole gzip file: ${(fault as Error).message}.`, { cause: fault });
    }
    throw fault;
  }
  return rows;
}

function checkedHeader(file: string) {
  return (found: string[]): string[] => {
    const names = found.map((name) => name.trim());
    if (names.join() === header.join()) return names;
    throw new Error(`${file}, line 1: the columns are ${names.join()}; they must be ${header.join()}.`);
  };
}

function checked(record: Record<string, string>, file: string, line: number): z.output<typeof row> {
  const result = row.safeParse(record);
  if (result.success) return result.data;
  const what = result.error.issues.map(({ message }) => message.replace(/[.?]?$/, (end) => end || '.'));
  throw new Error(`${file}, line ${line}: ${what.join(' ')} Nothing was loaded.`);
}
