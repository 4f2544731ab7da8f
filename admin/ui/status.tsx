import React from 'react';
import { capitalized } from '../words.ts';

type Tone = 'good' | 'held' | 'warn' | 'bad' | 'plain';

const tones: Readonly<Record<string, Tone>> = {
  active: 'good',
  assigned: 'good',
  running: 'good',
  done: 'good',
  reserved: 'held',
  queued: 'held',
  quarantined: 'warn',
  deprecated: 'warn',
  degraded: 'warn',
  failed: 'bad',
  incompatible: 'bad',
};

/** A status by its word, with a colour that says the same once more; words it does not know are neutral. */
export function StatusChip({ status }: { status: string }) {
  return (
    <span className={`cad-chip cad-chip--${tones[status.toLowerCase()] ?? 'plain'}`}>
      {capitalized(status)}
    </span>
  );
}
