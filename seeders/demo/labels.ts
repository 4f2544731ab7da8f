import { zones } from './networks.ts';
import type { Plan } from './plan.ts';
import { sites } from './sites.ts';

const palette = [
  '#1d5fa8',
  '#146035',
  '#8a5300',
  '#6b3fa0',
  '#00695c',
  '#a13d63',
  '#455a64',
  '#5d4037',
  '#33691e',
];

/** The tags that mean something to the company; other labels are words. What a site or plant carries holds for all that is in it. */
export const demoTags: Plan['tags'] = [
  { name: 'company', color: '#17212b', description: 'All that is ours' },
  ...sites.map(({ code, city }, nth) => ({
    name: code,
    color: palette[nth % palette.length] as string,
    inherited: true,
    description: `In ${city}`,
  })),
  { name: 'plant', color: '#b3261e', inherited: true, description: 'Stops a line when it stops' },
  { name: 'backbone', color: '#3b4e61', inherited: true },
  { name: 'management', color: '#ffd54f', description: 'Reached over the jump host only' },
  { name: 'guests', color: '#ffab91', description: 'Internet only' },
  { name: 'published', color: '#c62828', inherited: true, description: 'Reachable from the internet' },
  { name: 'databases', color: '#4527a0' },
  { name: 'server', color: '#cfd8dc' },
  { name: 'contractor', color: '#fff59d', description: 'Leaves on the day that the address expires' },
  { name: 'anycast', color: '#80cbc4', inherited: true },
];

/** The fields that the company adds to records. */
export const demoFields: Plan['customFields'] = [
  {
    model: 'subnet',
    name: 'zone',
    label: 'Zone',
    type: 'select',
    options: [...zones],
    description: 'How far it is trusted',
  },
  { model: 'subnet', name: 'costCentre', label: 'Cost centre', type: 'text', pattern: '^[0-9]{4}$' },
  { model: 'device', name: 'warrantyUntil', label: 'Warranty until', type: 'date' },
  { model: 'device', name: 'rack', label: 'Rack', type: 'text', pattern: '^[A-Z][0-9]{1,2}$' },
  { model: 'site', name: 'contact', label: 'Contact', type: 'text', description: 'Who has the key' },
];
