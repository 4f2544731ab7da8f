import React from 'react';

const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const long = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** An ISO 8601 moment in UTC without its fraction: `2026-01-02 03:04:05 UTC`. */
function inUtc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A moment (ISO 8601) in the viewer's zone, with UTC where the mouse rests on it; `precise` adds the seconds. */
export function Moment({ at, precise = false }: { at: string; precise?: boolean }) {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return <span>{at}</span>;
  return (
    <time dateTime={moment.toISOString()} title={inUtc(moment)}>
      {(precise ? long : short).format(moment)}
    </time>
  );
}
