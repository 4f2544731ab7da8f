import React from 'react';

/** Labels side by side. */
export function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <span className="cad-tags">
      {tags.map((tag) => (
        <span key={tag} className="cad-tag">
          {tag}
        </span>
      ))}
    </span>
  );
}
