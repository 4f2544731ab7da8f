import {
  allocation,
  customfields,
  devices,
  notifiers,
  scanner,
  sites,
  subnets,
  tags,
  vlans,
} from '#config/plugins';
import { seedDemo } from '../../seeders/demo.ts';
import { loadPrefixes } from '../../seeders/prefixes.ts';
import type { Command } from '../command.ts';
import { cliCaller, print, withRegister } from '../session.ts';

const n = (count: number) => count.toLocaleString('en');
const vrfOption = { type: 'string', value: 'NAME', says: 'the VRF; global unless told' } as const;

export const seedDemoCommand: Command = {
  name: 'seed demo',
  summary: 'Make a believable company network to look around in',
  details:
    'Seven offices, two data centres and two plants with their VLANs and devices, the same every time; a second run changes nothing.',
  run: () =>
    withRegister(async ({ host }) => {
      const began = performance.now();
      const made = await seedDemo(
        {
          transact: host.transact,
          sites: host.api(sites),
          vlans: host.api(vlans),
          devices: host.api(devices),
          subnets: host.api(subnets),
          allocation: host.api(allocation),
          tags: host.api(tags),
          customfields: host.api(customfields),
          scanner: host.api(scanner),
          notifiers: host.api(notifiers),
        },
        cliCaller('seed'),
      );
      if (!made) print('The demo network is there already; nothing was changed.');
      else {
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        print(
          `Made ${n(made.sites)} sites, ${n(made.vlans)} VLANs, ${n(made.devices)} devices, ${n(made.subnets)} subnets and ${n(made.addresses)} addresses, looked at ${n(made.scans)} times, in ${seconds} s.`,
        );
      }
      return 0;
    }),
};

export const seedPrefixes: Command = {
  name: 'seed prefixes',
  words: ['FILE.csv[.gz]'],
  summary: 'Load prefixes with their countries from a CSV file',
  details: `The file has the columns prefix,country_code,country. Each prefix becomes an active subnet named after its country; those
that exist stay as they are. One bad row, and nothing is loaded. Events are not sent for what is made here.`,
  options: {
    vrf: vrfOption,
    containers: {
      type: 'boolean',
      says: 'also make the IPv4 /8 and /16 and the IPv6 /20 and /32 that enclose them, as containers',
    },
  },
  run: ({ words: [file = ''], options }) =>
    withRegister(async ({ host }) => {
      const { read, created, containers, existing, seconds } = await loadPrefixes(
        { transact: host.transact, vrfs: host.api(subnets).vrfs },
        cliCaller('seed'),
        { file, vrf: options.vrf as string | undefined, containers: options.containers === true },
      );
      const rate = n(Math.round(read / seconds));
      print(
        `Read ${n(read)} rows: made ${n(created)} subnets, ${n(existing)} were there.`,
        ...(options.containers ? [`Made ${n(containers)} containers around them.`] : []),
        `It took ${seconds.toFixed(1)} s, ${rate} rows/s.`,
      );
      return 0;
    }),
};
