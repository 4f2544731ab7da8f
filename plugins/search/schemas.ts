import { z } from 'zod';
import { queryInteger } from '#core';
import { matches } from './domain/rank.ts';

/** The longest term: a host name has 253 characters. */
const longestTerm = 255;

export const searchQuery = z.strictObject({
  q: z
    .string({ error: 'Say what to look for: q=10.0.0.9, q=web-01, q=00:1b:21' })
    .trim()
    .min(
      1,
      'It is empty; say what to look for: an address, a CIDR, a name, a MAC address, a serial, a VLAN, a tag',
    )
    .max(longestTerm, `It is too long: a term has at most ${longestTerm} characters`)
    .meta({
      description:
        'An address, a CIDR or how one begins (`10.20.`), a MAC address in any notation or how it begins, a number (`120`, `vlan 120`), a tag (`tag:dmz`), or a name, serial number or part of a name.',
      example: '10.0.0.9',
    }),
  entity: z
    .union([z.string().max(100), z.array(z.string().max(100)).max(100)])
    .transform((given) => [given].flat())
    .optional()
    .meta({
      description: 'Only records of this kind, as the audit log calls them: `address`; several mean or.',
    }),
  limit: queryInteger(1, 1000).optional().meta({ description: 'Items per page; 50 unless told.' }),
  cursor: z.string().max(2000).optional().meta({ description: '`nextCursor` of the page before.' }),
});

export type SearchQuery = z.output<typeof searchQuery>;

/** A record that was found. */
export const foundRecord = z
  .object({
    entity: z
      .string()
      .meta({ description: 'What kind of record, as the audit log calls it.', example: 'address' }),
    id: z.int(),
    title: z.string().meta({ example: '10.0.0.9' }),
    context: z.record(z.string(), z.string()).meta({
      description: 'What it belongs to and what else it is called: VRF, subnet, device.',
      example: { hostname: 'web-01.example.net', vrf: 'global', subnet: '10.0.0.0/24' },
    }),
    matched: z.string().meta({ description: 'The field that matches.', example: 'address' }),
    match: z.enum(matches).meta({
      description:
        'How: all of it (`exact`), the first label of a host name, by containing the address or block, by how it begins (`prefix`), by lying inside the block, by a tag, by a part of the name, by a part of free text.',
    }),
    rank: z.int().meta({ description: 'The lower, the better; results are in this order.' }),
    href: z.string().nullable().meta({
      description: 'Where the record is served; null where it has no path of its own.',
      example: '/api/v1/addresses/7',
    }),
  })
  .meta({ id: 'FoundRecord' });

export type FoundRecord = z.output<typeof foundRecord>;

export const searchPage = z.object({
  items: z.array(foundRecord),
  nextCursor: z.string().nullable(),
  total: z.null().meta({ description: 'Never counted.' }),
  cut: z.array(z.string()).meta({
    description:
      'The kinds of records of which more match than are ranked; their own lists, with filters, have all of them.',
  }),
});
