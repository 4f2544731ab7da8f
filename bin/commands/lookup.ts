import { subnets } from '#config/plugins';
import { checkedBy } from '../checked.ts';
import { type Command, columns } from '../command.ts';
import { print, withRegister } from '../session.ts';

const words = (...parts: (string | null | undefined)[]) => parts.filter(Boolean).join('  ');

export const lookup: Command = {
  name: 'lookup',
  words: ['IP|CIDR'],
  summary: 'Find who holds an address, and where it belongs, in every VRF',
  details: 'Exit code 1 where no subnet contains it.',
  options: {
    vrf: { type: 'string', value: 'NAME|ID', says: 'in this VRF only' },
    json: { type: 'boolean', says: 'the answer of GET /api/v1/lookup/IP' },
  },
  run: ({ words: [given], options: { vrf, json } }) =>
    withRegister(async ({ host }) => {
      const { ip } = checkedBy<{ ip: string }>(host, ['get', '/lookup/{ip}', 'params'], { ip: given });
      const items = await host.api(subnets).tree.lookup(ip, vrf as string | undefined);
      if (json) print(JSON.stringify({ items }, null, 2));
      else if (items.length === 0) print(`No subnet contains ${ip}.`);
      for (const { vrf: home, address, subnet, ancestors } of json ? [] : items) {
        const held = address
          ? words(address.status, address.hostname, address.mac, address.description)
          : 'free, never registered';
        const { used, total, percent } = subnet.utilization;
        const rows = [
          ...(ip.includes('/') ? [] : [['  address', `${ip}  ${held}`]]),
          [
            '  subnet',
            words(subnet.cidr, subnet.name, subnet.status, `${used} of ${total} used, ${percent} %`),
          ],
          ...ancestors.toReversed().map(({ cidr, name }) => ['  within', words(cidr, name)]),
        ];
        print(`VRF ${home.name}`, columns(rows));
      }
      return items.length === 0 ? 1 : 0;
    }),
};
