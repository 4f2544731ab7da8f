import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { parseEnv } from '#config/env';
import { subnets } from '#plugins/subnets';
import { createLog } from '../../core/log/log.ts';
import { openRegister } from '../../register.ts';
import { loadPrefixes, type PrefixesLoaded } from '../../seeders/prefixes.ts';
import type { Product } from './product.ts';

const columns = 'vrf_id, cidr, name, status, tags, metadata';

/** Loads a file of prefixes, with their containers, into the product's database as the seeder does. */
export async function loadFile({ databaseUrl }: Product, file: string): Promise<PrefixesLoaded> {
  const env = parseEnv({ DATABASE_URL: databaseUrl });
  const register = await openRegister(env, createLog('silent'), {});
  try {
    const { vrfs } = register.host.api(subnets);
    const caller = { actor: 'bench', changeId: randomUUID(), source: 'cli' } as const;
    return await loadPrefixes({ transact: register.host.transact, vrfs }, caller, { file, containers: true });
  } finally {
    await register.close();
  }
}

/** Seconds that a bare COPY of all subnets takes into a table with the same columns, checks and indexes, without triggers. */
export async function copySubnets({ database }: Product): Promise<number> {
  const rows = await buffer(
    database.query(copyTo(`COPY (SELECT ${columns} FROM subnet ORDER BY id) TO STDOUT`)),
  );
  await database.query('CREATE TABLE subnet_copy (LIKE subnet INCLUDING ALL)');
  const began = performance.now();
  await pipeline(Readable.from([rows]), database.query(copyFrom(`COPY subnet_copy (${columns}) FROM STDIN`)));
  const seconds = (performance.now() - began) / 1000;
  await database.query('DROP TABLE subnet_copy');
  return seconds;
}
