/**
 * How a record is found by what somebody types, said by its columns: the search over all models makes its SQL of this. Each kind names
 * the index that keeps it quick; tables of some thousand rows need none.
 */
export interface SearchFact<Column extends string = string> {
  /** What a record is called in the results: the first of these columns that has a value. */
  readonly title: Column | readonly Column[];
  /** What the results tell beside it: columns that refer to other records (`vrfId`: its VRF), or that say more (`name`). */
  readonly context?: readonly Column[];
  /** CIDR or INET: found by the same, by what it lies in, and a CIDR by what lies in it. btree, and gist `inet_ops` for CIDR. */
  readonly network?: readonly Column[];
  /** The columns of the first and the last address of a run: found by what lies in it or holds it. */
  readonly run?: readonly [first: Column, last: Column];
  /**
   * Names: found by the whole, by how they begin and by a part, in any case.
   * btree `(lower(column) text_pattern_ops)` and gin `(column gin_trgm_ops)`, both `WHERE column IS NOT NULL` where it may be NULL.
   */
  readonly text?: readonly Column[];
  /** Serial numbers, asset tags: found by the whole and by how they begin, in any case. The btree of `text`. */
  readonly exact?: readonly Column[];
  /** Free text, found by a part alone, after everything else. The gin index of `text`. */
  readonly notes?: readonly Column[];
  /** MACADDR: found by the whole in any notation and by how it begins. btree. */
  readonly mac?: readonly Column[];
  /** Integers: found by `120`, and by `vlan 120` where the entity or the column is called so. btree. */
  readonly number?: readonly Column[];
  /** Whether it is found by its labels, the column `tags`. gin `(tags)` `WHERE tags <> '{}'`. */
  readonly tags?: true;
}
