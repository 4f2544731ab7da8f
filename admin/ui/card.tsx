import React, { type ReactNode, useId } from 'react';

/** A card: what it is about, and whether it takes the whole width. */
export interface CardProps {
  title: string;
  width?: 'half' | 'full';
  children: ReactNode;
}

/** A titled part of a page; cards stand in a `cad-grid`, two in a row where there is room. */
export function Card({ title, width = 'half', children }: CardProps) {
  const heading = useId();
  return (
    <section className={`cad-card cad-card--${width}`} aria-labelledby={heading}>
      <h2 id={heading}>{title}</h2>
      {children}
    </section>
  );
}
