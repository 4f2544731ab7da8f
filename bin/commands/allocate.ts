import { allocation, subnets } from '#config/plugins';
import type { Host } from '../../core/plugin/host.ts';
import { checkedBy } from '../checked.ts';
import { type Command, UsageError } from '../command.ts';
import { cliCaller, print, withRegister } from '../session.ts';

async function subnetIdOf(host: Host, text: string, vrf: string | undefined): Promise<number> {
  if (/^\d+$/.test(text)) {
    if (vrf !== undefined) throw new UsageError('--vrf goes with a CIDR; an id says it all.');
    return Number(text);
  }
  const query = checkedBy<Record<string, unknown>>(host, ['get', '/subnets', 'query'], {
    cidr: text,
    vrf: vrf ?? 'global',
  });
  const { items } = await host.api(subnets).subnets.list(query);
  if (items[0]) return items[0].id;
  throw new Error(`There is no subnet ${text} in the VRF ${vrf ?? 'global'}.`);
}

export const allocate: Command = {
  name: 'allocate',
  words: ['CIDR|ID'],
  summary: 'Take the lowest free addresses of a subnet, one per line',
  options: {
    count: { type: 'string', value: 'N', says: 'how many, all or none; 1 unless told' },
    vrf: { type: 'string', value: 'NAME', says: 'the VRF of the CIDR; global unless told' },
    hostname: { type: 'string', value: 'NAME', says: 'who gets them' },
    description: { type: 'string', value: 'TEXT', says: 'what for' },
  },
  run: ({ words: [subnet = ''], options: { count, vrf, hostname, description } }) =>
    withRegister(async ({ host }) => {
      const id = await subnetIdOf(host, subnet, vrf as string | undefined);
      const wish = checkedBy<{ count?: number }>(host, ['post', '/subnets/{id}/allocations', 'body'], {
        count: count === undefined ? undefined : Number(count),
        hostname,
        description,
      });
      const taken = await host.api(allocation).addresses.one(cliCaller(), id, wish);
      print(...taken.map(({ address }) => address));
      return 0;
    }),
};
