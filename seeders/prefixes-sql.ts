/** Where the rows of the file wait; gone at the end of the transaction. */
export const createSeedPrefix = `CREATE TEMP TABLE seed_prefix (
  nth bigint GENERATED ALWAYS AS IDENTITY, prefix cidr NOT NULL, country_code text NOT NULL, country text NOT NULL
) ON COMMIT DROP`;

// A container comes after the row of the same block, which therefore wins; of two rows of one block the first does.
const wanted = `
  SELECT prefix AS cidr, country AS name, 'active' AS status, ARRAY[lower(country_code)] AS tags,
         jsonb_build_object('country', country, 'countryCode', country_code) AS metadata, nth
    FROM seed_prefix`;
const enclosing = `
  SELECT DISTINCT network(set_masklen(prefix::inet, length)), NULL, 'container', '{}'::text[], '{}'::jsonb, NULL::bigint
    FROM seed_prefix JOIN (VALUES (4, 8), (4, 16), (6, 20), (6, 32)) AS l (family, length)
      ON l.family = family(prefix) AND l.length < masklen(prefix)`;

// In the tree's order, so that each row's neighbours are at hand when the triggers of migrations/subnets look for its place.
const insertAll = (rows: string) => `
  WITH made AS (
    INSERT INTO subnet (vrf_id, cidr, name, status, tags, metadata)
      SELECT $1, cidr, name, status, tags, metadata FROM (${rows}) AS wanted ORDER BY cidr, nth NULLS LAST
    ON CONFLICT ON CONSTRAINT subnet_cidr_key DO NOTHING
    RETURNING status
  )
  SELECT count(*) FILTER (WHERE status <> 'container') AS created,
         count(*) FILTER (WHERE status = 'container') AS containers FROM made`;

/** Makes the subnets that are missing in the VRF $1; answers how many. */
export const insertSubnets = insertAll(wanted);

/** The same, with the containers that enclose them. */
export const insertContainersToo = insertAll(`${wanted} UNION ALL ${enclosing}`);
