import { unrecorded } from './audit.ts';
import type { Product } from './product.ts';

/** Which of a subnet's addresses are taken before it is measured: `count` of them from the low end, one in every `step`. */
export interface Fill {
  count: number;
  step?: number;
}

/** Makes a subnet through the API and fills it with one statement; answers its id. */
export async function filledSubnet(
  product: Product,
  cidr: string,
  { count, step = 1 }: Fill,
): Promise<number> {
  const { id } = await product.call<{ id: number }>('POST', '/subnets', { cidr });
  await unrecorded(product.database, () =>
    product.database.query(
      `INSERT INTO address (vrf_id, subnet_id, address)
         SELECT vrf_id, id, first_ip(cidr) + n FROM subnet, generate_series($2::int, $3::int, $2::int) n WHERE id = $1`,
      [id, step, count * step],
    ),
  );
  return id;
}

/** Leaves no work of the filling (dead rows, unwritten pages) to fall into a measurement. */
export async function settle({ database }: Product): Promise<void> {
  await database.query('VACUUM ANALYZE address, free_span, subnet_usage, subnet');
  await database.query('CHECKPOINT');
}
