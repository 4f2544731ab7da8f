import React, { type ReactNode } from 'react';

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const long = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** An ISO 8601 moment in UTC without its fraction: `2026-01-02 03:04:05 UTC`. */
function inUtc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

interface MomentProps {
  /** ISO 8601. */
  at: string;
  /** `brief` is the time of today or else the day, for narrow columns; `full` has the seconds. */
  detail?: 'brief' | 'usual' | 'full';
  /** Told in the moment's place. */
  children?: ReactNode;
}

function textOf(moment: Date, detail: MomentProps['detail']): string {
  if (detail === 'full') return long.format(moment);
  if (detail !== 'brief') return short.format(moment);
  return (moment.toDateString() === new Date().toDateString() ? time : day).format(moment);
}

/** A moment in the viewer's zone, with UTC to the second where the mouse rests on it. */
export function Moment({ at, detail = 'usual', children }: MomentProps) {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return <span>{at}</span>;
  return (
    <time dateTime={moment.toISOString()} title={inUtc(moment)}>
      {children ?? textOf(moment, detail)}
    </time>
  );
}
