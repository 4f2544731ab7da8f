import type { MetricSample } from '#core';
import type { SubnetsApi } from './service.ts';

/** What this plugin shows at `/metrics`. */
export function subnetMetrics({ drift, subnets }: SubnetsApi) {
  return {
    cadastre_counter_drift: {
      help: 'Subnets whose counters or free space were not what their addresses make them; must be 0.',
      read: drift.found,
    },
    cadastre_subnet_utilization_ratio: {
      help: 'How full the subnets are that are marked as monitored, from 0 to 1; the first thousand by CIDR.',
      labels: ['vrf', 'cidr', 'name'],
      async read(): Promise<MetricSample[]> {
        const { items } = await subnets.list({
          monitored: true,
          include: ['vrf'],
          limit: 1000,
        });
        return items.map(({ cidr, name, utilization, ...rest }) => ({
          labels: { vrf: (rest as { vrf?: { name: string } }).vrf?.name ?? '', cidr, name: name ?? '' },
          value: utilization.percent / 100,
        }));
      },
    },
  };
}
