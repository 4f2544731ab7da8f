import React from 'react';
import type { FactGroup } from '../resource/extras.ts';
import { drawn } from './card-table.tsx';

/** What is known of a record beside its columns. */
export function FactsCard({ title, facts }: FactGroup) {
  return (
    <section className="cad-facts" aria-label={title}>
      <h2>{title}</h2>
      <dl>
        {facts
          .filter(({ where }) => where !== 'list')
          .map(({ label, value, as = 'text' }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{drawn(value, as, label, undefined, 'usual')}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
