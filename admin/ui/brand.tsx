import React from 'react';
import { parcels } from '../appearance.ts';

/** Our sign and name, in the colours of the scheme. */
export function Brand() {
  return (
    <>
      <svg
        width="26"
        height="26"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        aria-hidden
      >
        <path d={parcels.ours} fill="currentColor" />
        <path d={parcels.lines} strokeLinejoin="round" />
      </svg>
      <span>Cadastre</span>
    </>
  );
}
