import React from 'react';
import { capitalized } from '../words.ts';

type Tone = 'good' | 'held' | 'warn' | 'bad' | 'plain';

const tones: Readonly<Record<string, Tone>> = {
  active: 'good',
  assigned: 'good',
  delivered: 'good',
  running: 'good',
  done: 'good',
  resolved: 'good',
  registered: 'good',
  up: 'good',
  reserved: 'held',
  queued: 'held',
  pending: 'held',
  low: 'held',
  quarantined: 'warn',
  deprecated: 'warn',
  degraded: 'warn',
  open: 'warn',
  failed: 'bad',
  high: 'bad',
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
