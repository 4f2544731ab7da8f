import { randomBytes } from 'node:crypto';
import { users } from '#config/plugins';
import { roles } from '#core';
import { checkedBy } from '../checked.ts';
import { type Command, UsageError } from '../command.ts';
import { cliCaller, print, withRegister } from '../session.ts';

export const userAdd: Command = {
  name: 'user add',
  words: ['EMAIL'],
  summary: 'Add a user who may sign in',
  details: 'Without --password a random one is made and printed once; its owner has to change it.',
  options: {
    role: { type: 'string', value: 'ROLE', says: `needed: ${roles.join(', ')}` },
    name: {
      type: 'string',
      value: 'NAME',
      says: 'what the person is called; the part before the @ unless told',
    },
    password: {
      type: 'string',
      value: 'TEXT',
      says: 'at least 12 characters; others on this machine may see it',
    },
  },
  run: ({ words: [email], options: { role, name, password } }) => {
    if (role === undefined) throw new UsageError(`user add needs --role, one of ${roles.join(', ')}.`);
    return withRegister(async ({ host }) => {
      const chosen = password ?? randomBytes(18).toString('base64url');
      const input = { email, role, name, password: chosen, mustChangePassword: password === undefined };
      const api = host.api(users);
      const user = await api.createUser(
        (work) => host.transact(cliCaller(), work),
        checkedBy(host, ['post', '/users', 'body'], input),
      );
      print(`Added ${user.email} as ${user.role} (user ${user.id}).`);
      if (password === undefined) print('', `  password  ${chosen}`, '', 'It is shown this once.');
      const admins = await api.list({ role: ['admin'], limit: 1 });
      if (admins.items.length === 0)
        print('There is no admin yet, and none is made where there is a user: add one with --role admin.');
      return 0;
    });
  },
};
