import React from 'react';
import { inkOn } from '../ink.ts';

/** Labels by their text, in the colours that some of them have (`#rrggbb`), each with ink that is read on it. */
export function Tags({
  tags,
  colors = {},
}: {
  tags: readonly string[];
  colors?: Readonly<Record<string, string>>;
}) {
  return (
    <span className="cad-tags">
      {tags.map((tag) => {
        const color = Object.hasOwn(colors, tag) ? colors[tag] : undefined;
        const style = color === undefined ? undefined : { background: color, color: inkOn(color) };
        return (
          <span key={tag} className="cad-tag" style={style}>
            {tag}
          </span>
        );
      })}
    </span>
  );
}
