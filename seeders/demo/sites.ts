import type { PlannedSite } from './plan.ts';

/** A place of the company; its number is the second byte of its IPv4 block and the third group of its IPv6 block. */
export interface Site {
  number: number;
  code: string;
  city: string;
  country: string;
  address: string;
  /** Degrees north and east. */
  at: readonly [number, number];
  /** How full the user network of each floor is, 0 to 1; a data centre has none. */
  floors: readonly number[];
}

/** The offices and the two data centres. */
export const sites: readonly Site[] = [
  {
    number: 1,
    code: 'zrh',
    city: 'Zürich',
    country: 'CH',
    address: 'Hardstrasse 201, 8005 Zürich',
    at: [47.39, 8.52],
    floors: [1, 0.82, 0.66, 0.91, 0.38, 0],
  },
  {
    number: 2,
    code: 'muc',
    city: 'München',
    country: 'DE',
    address: 'Ridlerstraße 57, 80339 München',
    at: [48.14, 11.54],
    floors: [0.88, 0.71, 0.52, 0.09],
  },
  {
    number: 3,
    code: 'vie',
    city: 'Wien',
    country: 'AT',
    address: 'Gudrunstraße 11, 1100 Wien',
    at: [48.18, 16.38],
    floors: [0.79, 0.44, 0.27],
  },
  {
    number: 4,
    code: 'mil',
    city: 'Milano',
    country: 'IT',
    address: 'Via Savona 97, 20144 Milano',
    at: [45.45, 9.15],
    floors: [0.63, 0.35],
  },
  {
    number: 5,
    code: 'lyo',
    city: 'Lyon',
    country: 'FR',
    address: 'Rue de Gerland 40, 69007 Lyon',
    at: [45.73, 4.83],
    floors: [0.94, 0.18],
  },
  {
    number: 6,
    code: 'waw',
    city: 'Warszawa',
    country: 'PL',
    address: 'ul. Domaniewska 39, 02-672 Warszawa',
    at: [52.18, 21.0],
    floors: [0.85, 0.58, 0.02],
  },
  {
    number: 7,
    code: 'opo',
    city: 'Porto',
    country: 'PT',
    address: 'Rua de Santa Catarina 12, 4000-447 Porto',
    at: [41.15, -8.61],
    floors: [0.31],
  },
  {
    number: 8,
    code: 'fra',
    city: 'Frankfurt',
    country: 'DE',
    address: 'Hanauer Landstraße 302, 60314 Frankfurt',
    at: [50.12, 8.73],
    floors: [],
  },
  {
    number: 9,
    code: 'ams',
    city: 'Amsterdam',
    country: 'NL',
    address: 'Science Park 610, 1098 Amsterdam',
    at: [52.36, 4.95],
    floors: [],
  },
];

/** True for a data centre. */
export const isDataCentre = ({ floors }: Site): boolean => floors.length === 0;

const countries: Readonly<Record<string, string>> = {
  CH: 'Switzerland',
  DE: 'Germany',
  AT: 'Austria',
  IT: 'Italy',
  FR: 'France',
  PL: 'Poland',
  PT: 'Portugal',
  NL: 'Netherlands',
  DK: 'Denmark',
};

/** Countries, the places in them, the plants beside two offices, and where the next office is to be. */
export function siteRecords(): PlannedSite[] {
  const places = sites.map((site): PlannedSite => {
    const { code, city, country, address, at, number } = site;
    return {
      name: city,
      parent: countries[country] as string,
      address,
      latitude: at[0],
      longitude: at[1],
      tags: [isDataCentre(site) ? 'data-centre' : 'office', code],
      customFields: { contact: person(number * 10_000) },
      ...(isDataCentre(site) ? { facility: `${code.toUpperCase()}1` } : {}),
    };
  });
  const plants = ['München', 'Warszawa'].map(
    (city): PlannedSite => ({ name: `${city} plant`, parent: city, tags: ['plant'] }),
  );
  return [
    ...Object.values(countries).map((name): PlannedSite => ({ name })),
    ...places,
    ...plants,
    {
      name: 'København',
      parent: 'Denmark',
      status: 'planned',
      description: 'Opens next year; 10.10.0.0/16 is kept for it.',
      tags: ['office'],
    },
  ];
}

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
