import React from 'react';

/** From here on a subnet is worth a look, and worth doing something about. */
const [scarce, full] = [75, 90];
const format = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** A percentage for a person: what is in use is never shown as 0, nor what is not full as 100. */
export function percentText(percent: number): string {
  if (percent > 0 && percent < 0.1) return `< ${format.format(0.1)} %`;
  if (percent > 99.9 && percent < 100) return `> ${format.format(99.9)} %`;
  return `${format.format(percent)} %`;
}

/** How full something is, from 0 to 100: a bar whose colour changes at 75 and 90, and the figure beside it. */
export function UsageBar({ percent, label = 'Used' }: { percent: number; label?: string }) {
  const level = Math.min(100, Math.max(0, percent));
  const tone = level >= full ? 'bad' : level >= scarce ? 'warn' : 'good';
  // Something in use is at least visible.
  const width = level === 0 ? 0 : Math.max(level, 1.5);
  return (
    <span className="cad-usage">
      {/* Told to those who hear it; browsers draw it each in their own way, so that the bar is drawn beside it. */}
      <meter
        className="cad-hidden"
        aria-label={label}
        aria-valuetext={percentText(level)}
        min={0}
        max={100}
        value={level}
      />
      <span className="cad-usage__track" aria-hidden>
        <span className={`cad-usage__level cad-usage__level--${tone}`} style={{ width: `${width}%` }} />
      </span>
      <span className="cad-usage__text" aria-hidden>
        {percentText(level)}
      </span>
    </span>
  );
}
