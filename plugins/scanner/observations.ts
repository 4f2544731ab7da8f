import { z } from 'zod';
import {
  choiceFilters,
  exactNetworkFilters,
  type Filter,
  type ListExtension,
  macField,
  named,
  textFilters,
  timeFilters,
} from '#core';
import { addressList } from '#plugins/subnets';
import { observationSchema, observedStates } from './schemas.ts';

const observationsOf = named(
  'observations_of',
  `SELECT o.vrf_id AS "vrfId", o.address, o.state, o.misses, o.first_seen AS "firstSeen", o.last_seen AS "lastSeen",
          o.last_probed AS "lastProbed", o.mac, o.ptr, o.open_ports AS "openPorts", o.rtt_ms AS "rttMs"
     FROM unnest($1::bigint[], $2::inet[]) AS w (vrf_id, address)
     JOIN observation o ON o.address = w.address AND o.vrf_id = w.vrf_id`,
);
interface Place {
  vrfId: number;
  address: string;
}

/** What is observed of the address `a`, as a column of the list. */
const seen = (column: string) =>
  `(SELECT o.${column} FROM observation o WHERE o.vrf_id = a.vrf_id AND o.address = a.address)`;

/** Assigned, and silent for long: a candidate for release. */
function staleFilter(now: () => Date, days: number): Filter {
  return {
    schema: z
      .enum(['true', 'false'])
      .meta({ description: `Assigned, and silent for ${days} days: a candidate for release.` }),
    condition: ([value], bindings) => {
      const since = bindings.bind(new Date(now().getTime() - days * 86_400_000), 'timestamptz');
      const isStale = `(a.status = 'assigned' AND EXISTS (SELECT FROM observation o
        WHERE o.vrf_id = a.vrf_id AND o.address = a.address AND o.state = 'silent'
          AND coalesce(o.last_seen, o.first_probed) <= ${since}))`;
      return value === 'true' ? isStale : `NOT ${isStale}`;
    },
  };
}

/** What scans saw, on the lists of addresses: `include=observation`, its filters, and `stale`. */
export function observationExtension(now: () => Date, staleAfterDays: number): ListExtension {
  return {
    list: addressList,
    includes: {
      observation: {
        schema: observationSchema.nullable(),
        async load(query, items) {
          const places = items as readonly unknown[] as readonly Place[];
          const rows = await query<Place>(observationsOf, [
            places.map(({ vrfId }) => vrfId),
            places.map(({ address }) => address),
          ]);
          const byPlace = new Map(
            rows.map(({ vrfId, address, ...observation }) => [`${vrfId} ${address}`, observation]),
          );
          return places.map(({ vrfId, address }) => byPlace.get(`${vrfId} ${address}`) ?? null);
        },
      },
    },
    filters: {
      ...choiceFilters('observation.state', seen('state'), observedStates),
      ...timeFilters('observation.firstSeen', seen('first_seen')),
      ...timeFilters('observation.lastSeen', seen('last_seen')),
      ...exactNetworkFilters('observation.mac', seen('mac'), macField, 'macaddr'),
      ...textFilters('observation.ptr', seen('ptr')),
      stale: staleFilter(now, staleAfterDays),
    },
  };
}
