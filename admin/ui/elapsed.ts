const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

/** How long ago that is, in milliseconds, for a person. */
export function agoText(ms: number): string {
  return ms < minute ? 'just now' : `${elapsedText(ms)} ago`;
}

/** A stretch of time, in milliseconds, for a person: `45 seconds`, `3 hours`, `12 days`. */
export function elapsedText(ms: number): string {
  const [unit, of] =
    ms < minute
      ? (['second', 1_000] as const)
      : ms < hour
        ? (['minute', minute] as const)
        : ms < 2 * day
          ? (['hour', hour] as const)
          : (['day', day] as const);
  const count = Math.max(0, Math.floor(ms / of));
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
