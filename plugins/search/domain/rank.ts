/** How a record matches, the best first. */
export const matches = [
  /** All of it is what was typed. */
  'exact',
  /** The first label of a host name is. */
  'label',
  /** It holds the address or block, the narrowest first. */
  'contains',
  'prefix',
  /** It lies inside the block. */
  'inside',
  'tag',
  'part',
  /** A part of free text. */
  'text',
] as const;

export type Match = (typeof matches)[number];

/** The best rank of a kind of match: the lower, the better. Between two kinds there is room for 1000 shades. */
export function rankOf(match: Match): number {
  return (matches.indexOf(match) + 1) * 1000;
}

/** The kind of match that a rank is of. */
export function matchOf(rank: number): Match {
  return matches[Math.floor(rank / 1000) - 1] ?? 'text';
}

/** A record that a term finds; `key` orders those of one rank. */
export interface Candidate {
  readonly entity: string;
  readonly id: number;
  readonly rank: number;
  readonly key: string;
  /** The field that matches. */
  readonly field: string;
}

/** Puts the best first: by rank, then by key, then by entity and id, so that no two are equal. */
export function compareCandidates(a: Position, b: Position): number {
  return a.rank - b.rank || compareText(a.key, b.key) || compareText(a.entity, b.entity) || a.id - b.id;
}

/** What tells where in the order of results one stands. */
export type Position = Pick<Candidate, 'rank' | 'key' | 'entity' | 'id'>;

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Each record once, by what matches best, the best first. */
export function ranked<C extends Candidate>(candidates: readonly C[]): C[] {
  const best = new Map<string, C>();
  for (const candidate of candidates) {
    const name = `${candidate.entity} ${candidate.id}`;
    const known = best.get(name);
    if (!known || compareCandidates(candidate, known) < 0) best.set(name, candidate);
  }
  return [...best.values()].sort(compareCandidates);
}
