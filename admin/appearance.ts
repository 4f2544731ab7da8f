import type { Theme, ThemeOverride } from '@adminjs/design-system';
import type { BrandingOptions } from 'adminjs';

/** The two ways the panel looks. */
export type Scheme = 'light' | 'dark';
type Colors = Theme['colors'];

/** The cookie with the scheme that a person chose in this browser; without it, the system's preference holds. */
export const schemeCookie = 'cadastre_theme';

/** The value of the cookie as a scheme; undefined for anything else. */
export function schemeOf(value: string | undefined): Scheme | undefined {
  return value === 'light' || value === 'dark' ? value : undefined;
}

/** Text on each ground it is used on has a contrast of 4.5 or more (WCAG AA), borders of inputs 3; a test holds us to it. */
const light: Colors = {
  border: '#E1E6EC',
  text: '#17212B',
  primary100: '#1D5FA8',
  primary80: '#4A82C3',
  primary60: '#86ADDB',
  primary40: '#B6CEEA',
  primary20: '#DCE8F6',
  accent: '#3B4E61',
  grey100: '#17212B',
  grey80: '#3D4A57',
  grey60: '#56636F',
  grey40: '#A7B1BC',
  grey20: '#EEF1F5',
  white: '#FFFFFF',
  black: '#000000',
  errorDark: '#8C1D18',
  error: '#B3261E',
  errorLight: '#FBE9E7',
  successDark: '#146035',
  success: '#1B7A43',
  successLight: '#E3F3E9',
  warningDark: '#6E4200',
  warning: '#8A5300',
  warningLight: '#FCEFD9',
  infoDark: '#164B86',
  info: '#1D5FA8',
  infoLight: '#E1EDFA',
  bg: '#F5F7FA',
  filterBg: '#FFFFFF',
  container: '#FFFFFF',
  sidebar: '#FFFFFF',
  inputBorder: '#7F8B98',
  separator: '#CBD3DC',
  highlight: '#EFF3F7',
  love: '#1D5FA8',
};

// AdminJS writes `white` on its coloured buttons and under its boxes: dark surfaces with light colours keep both readable.
const dark: Colors = {
  border: '#2C3641',
  text: '#E4E9EF',
  primary100: '#8AB8F0',
  primary80: '#6FA3E0',
  primary60: '#4C7DB8',
  primary40: '#345A88',
  primary20: '#22384F',
  accent: '#B7C6D6',
  grey100: '#E4E9EF',
  grey80: '#C3CCD6',
  grey60: '#9AA6B3',
  grey40: '#4A5663',
  grey20: '#242D37',
  white: '#1A2129',
  black: '#FFFFFF',
  errorDark: '#FFB4AB',
  error: '#FF9A8F',
  errorLight: '#43211F',
  successDark: '#8FE0AD',
  success: '#6FD394',
  successLight: '#173527',
  warningDark: '#F7D08E',
  warning: '#F2BE6A',
  warningLight: '#3A2C13',
  infoDark: '#A9CBF5',
  info: '#8AB8F0',
  infoLight: '#1B3048',
  bg: '#12171D',
  filterBg: '#1A2129',
  container: '#1A2129',
  sidebar: '#1A2129',
  inputBorder: '#6B7886',
  separator: '#3A4653',
  highlight: '#222B34',
  love: '#8AB8F0',
};

/** The colours of each scheme, by the names of AdminJS's design system. */
export const palettes: Readonly<Record<Scheme, Colors>> = { light, dark };

/** What a scheme says over the design system's own theme. */
export function themeOf(scheme: Scheme): Partial<ThemeOverride> {
  const colors = palettes[scheme];
  const shade = scheme === 'dark' ? 'rgba(0, 0, 0, 0.5)' : 'rgba(23, 33, 43, 0.12)';
  return {
    colors,
    // The design system would fetch Roboto from Google.
    font: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
    sizes: { navbarHeight: '52px', sidebarWidth: '248px', maxFormWidth: '740px' },
    fontSizes: { xs: '11px', sm: '13px', h1: '30px', h2: '24px', h3: '20px', h4: '18px' },
    borders: {
      input: `1px solid ${colors.inputBorder}`,
      filterInput: `1px solid ${colors.inputBorder}`,
      bg: `1px solid ${colors.bg}`,
      default: `1px solid ${colors.border}`,
    },
    shadows: {
      login: `0 12px 32px ${shade}`,
      card: `0 1px 3px ${shade}`,
      cardHover: `0 4px 12px ${shade}`,
      drawer: `-4px 0 16px ${shade}`,
    },
  } as Partial<ThemeOverride>;
}

/** The parcels of the sign, drawn in a square of 24: one is ours. */
export const parcels = {
  ground: 'M3 3h18v18H3z',
  lines: 'M3 3h18v18H3zM10 3v18M10 9h11M10 15.5h11',
  ours: 'M10 9h11v6.5H10z',
} as const;

const sign = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='${light.primary100}' stroke-width='2' stroke-linejoin='round'><path d='${parcels.ground}' fill='#FFFFFF'/><path d='${parcels.ours}' fill='${light.primary100}'/><path d='${parcels.lines}'/></svg>`;
const signUri = `data:image/svg+xml,${encodeURIComponent(sign)}`;

/** Our name, sign and light colours; the page puts the dark ones over them by itself. */
export const branding: BrandingOptions = {
  companyName: 'Cadastre',
  logo: signUri,
  favicon: signUri,
  withMadeWithLove: false,
  theme: themeOf('light'),
};
