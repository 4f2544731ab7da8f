/** A place of the company; its number is the second byte of its IPv4 block and the third group of its IPv6 block. */
export interface Site {
  number: number;
  code: string;
  city: string;
  country: string;
  /** How full the user network of each floor is, 0 to 1; a data centre has none. */
  floors: readonly number[];
}

/** The offices and the two data centres. */
export const sites: readonly Site[] = [
  { number: 1, code: 'zrh', city: 'Zürich', country: 'CH', floors: [1, 0.82, 0.66, 0.91, 0.38, 0] },
  { number: 2, code: 'muc', city: 'München', country: 'DE', floors: [0.88, 0.71, 0.52, 0.09] },
  { number: 3, code: 'vie', city: 'Wien', country: 'AT', floors: [0.79, 0.44, 0.27] },
  { number: 4, code: 'mil', city: 'Milano', country: 'IT', floors: [0.63, 0.35] },
  { number: 5, code: 'lyo', city: 'Lyon', country: 'FR', floors: [0.94, 0.18] },
  { number: 6, code: 'waw', city: 'Warszawa', country: 'PL', floors: [0.85, 0.58, 0.02] },
  { number: 7, code: 'opo', city: 'Porto', country: 'PT', floors: [0.31] },
  { number: 8, code: 'fra', city: 'Frankfurt', country: 'DE', floors: [] },
  { number: 9, code: 'ams', city: 'Amsterdam', country: 'NL', floors: [] },
];

/** True for a data centre. */
export const isDataCentre = ({ floors }: Site): boolean => floors.length === 0;

const firstNames =
  `Ada Benno Carla Dario Elif Fabian Greta Hugo Ines Jonas Katja Luca Mara Nils Oona Paulo Quirin Rosa
  Stefan Tilda Urs Vera Wanda Xenia Yves Zoe`.split(/\s+/);
const lastNames =
  `Amrein Brunner Costa Dubois Egger Ferrari Gruber Huber Iten Jansen Kowalska Lang Moser Novak Oliveira
  Pichler Quint Rossi Silva Tanner Urban Vogel Weber Yilmaz Zeller`.split(/\s+/);

/** The name of the employee of some number. */
export function person(number: number): string {
  const first = firstNames[(number * 7) % firstNames.length];
  return `${first} ${lastNames[(number * 11 + Math.floor(number / 5)) % lastNames.length]}`;
}
