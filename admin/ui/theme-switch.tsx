import { Icon } from '@adminjs/design-system';
import React from 'react';
import { useScheme } from './theme.tsx';

/** Switches between light and dark, and has this browser remember it. */
export function ThemeSwitch() {
  const { scheme, choose } = useScheme();
  const other = scheme === 'dark' ? 'light' : 'dark';
  const says = `Switch to the ${other} theme`;
  return (
    <button type="button" className="cad-icon" aria-label={says} title={says} onClick={() => choose(other)}>
      <Icon icon={other === 'dark' ? 'Moon' : 'Sun'} size={18} />
    </button>
  );
}
