import { combineStyles, type Theme } from '@adminjs/design-system';
import * as styling from '@adminjs/design-system/styled-components';
import React, { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { palettes, type Scheme, schemeCookie, schemeOf, themeOf } from '../appearance.ts';
import { adminjsSheet } from './sheet-adminjs.tsx';
import { ownSheet } from './sheet-own.tsx';

/** The scheme in use, and how to choose another. */
export interface SchemeChoice {
  scheme: Scheme;
  choose(scheme: Scheme): void;
}

// The design system ships the library without its types.
const { ThemeProvider } = styling as unknown as {
  ThemeProvider: React.FC<{ theme: Theme; children: ReactNode }>;
};
const page = window as unknown as {
  THEME: Theme;
  REDUX_STATE: { session?: { theme?: string } | null };
};
const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');

function chosen(): Scheme | undefined {
  const cookie = document.cookie.split('; ').find((each) => each.startsWith(`${schemeCookie}=`));
  return schemeOf(cookie?.split('=')[1]) ?? schemeOf(page.REDUX_STATE.session?.theme);
}

function schemeNow(): Scheme {
  return chosen() ?? (prefersDark.matches ? 'dark' : 'light');
}

function remember(scheme: Scheme): void {
  const secure = window.location.protocol === 'https:' ? '; Secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain HTTP
  document.cookie = `${schemeCookie}=${scheme}; Path=/; Max-Age=31536000; SameSite=Strict${secure}`;
}

const variables = Object.entries(palettes)
  .map(([scheme, colors]) => {
    const lines = Object.entries(colors).map(([name, value]) => `--cad-${name}: ${value};`);
    return `:root[data-scheme='${scheme}'] { color-scheme: ${scheme}; ${lines.join(' ')} }`;
  })
  .join('\n');

// Where the bundle is loaded, before anything is drawn: nothing flashes. A constructed sheet needs no nonce.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`${variables}\n${adminjsSheet}\n${ownSheet}`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
document.documentElement.dataset.scheme = schemeNow();

const Choice = createContext<SchemeChoice>({ scheme: schemeNow(), choose: remember });

/** The scheme in use, and how to choose another. */
export function useScheme(): SchemeChoice {
  return useContext(Choice);
}

/** Draws its children in the scheme of choice, else in the system's, and follows when either changes. */
export function Themed({ children }: { children: ReactNode }) {
  const [scheme, setScheme] = useState(schemeNow);
  const theme = useMemo(() => combineStyles(themeOf(scheme)), [scheme]);
  // AdminJS draws drawers outside of our tree, with this.
  page.THEME = theme;
  useEffect(() => {
    document.documentElement.dataset.scheme = scheme;
  }, [scheme]);
  useEffect(() => {
    const follow = () => setScheme(schemeNow());
    prefersDark.addEventListener('change', follow);
    return () => prefersDark.removeEventListener('change', follow);
  }, []);
  const choice = useMemo<SchemeChoice>(() => {
    const choose = (next: Scheme) => {
      remember(next);
      setScheme(next);
    };
    return { scheme, choose };
  }, [scheme]);
  return (
    <Choice.Provider value={choice}>
      <ThemeProvider theme={theme}>{children}</ThemeProvider>
    </Choice.Provider>
  );
}
