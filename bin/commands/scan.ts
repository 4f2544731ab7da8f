import { scanner } from '#config/plugins';
import { checkedBy } from '../checked.ts';
import { type Command, UsageError } from '../command.ts';
import { cliCaller, print, withRegister } from '../session.ts';

export const scan: Command = {
  name: 'scan',
  summary: 'Ask for a scan of a block, or of the subnets whose interval is over',
  details:
    'A worker does it (ROLE=worker or all); the answer is one line for each scan: its id, and what it scans.',
  options: {
    due: { type: 'boolean', says: 'the subnets with a scanInterval that is over; for a CronJob' },
    cidr: { type: 'string', value: 'CIDR', says: 'a block of registered subnets, or a part of one' },
    vrf: { type: 'string', value: 'NAME', says: 'the VRF of the block; global unless told' },
    mode: { type: 'string', value: 'MODE', says: 'real or mock' },
  },
  run: ({ options: { due, cidr, vrf, mode } }) => {
    if ((due === true) === (cidr !== undefined)) throw new UsageError('scan needs --due or --cidr CIDR.');
    return withRegister(async ({ host }) => {
      const { scans } = host.api(scanner);
      if (due) {
        for (const { id, subnetIds } of await scans.due(cliCaller())) print(`${id}  subnet ${subnetIds[0]}`);
        return 0;
      }
      const wish = checkedBy<Parameters<typeof scans.create>[1]>(host, ['post', '/scans', 'body'], {
        cidr,
        vrf,
        mode,
      });
      const made = await host.transact(cliCaller(), (tx) => scans.create(tx, wish));
      print(`${made.id}  ${made.cidr}`);
      return 0;
    });
  },
};
