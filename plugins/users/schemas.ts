import { z } from 'zod';
import { roles, timestamps } from '#core';
import { fitsBcrypt, shortestPassword, tooLong } from './domain/password.ts';

const email = z.email().max(254).toLowerCase();
const name = z.string().trim().min(1).max(200);
const role = z.enum(roles);
const newPassword = z
  .string()
  .min(shortestPassword, `A password has at least ${shortestPassword} characters.`)
  .refine(fitsBcrypt, tooLong)
  .meta({ format: 'password' });
// What is merely compared follows no rule of ours: a wrong one is told as wrong, not as too short.
const givenPassword = z.string().min(1).max(1000).meta({ format: 'password' });
const refreshToken = z.string().min(1).max(200);

/** A user on the wire; the password's hash is no part of it. */
export const user = z
  .object({
    id: z.int(),
    email: z.string(),
    name: z.string(),
    role,
    active: z.boolean().meta({ description: 'An inactive user cannot sign in.' }),
    mustChangePassword: z.boolean().meta({ description: 'Somebody else knows this password.' }),
    lastLoginAt: z.iso.datetime().nullable(),
    ...timestamps,
  })
  .meta({ id: 'User' });
export type User = z.output<typeof user>;

/** The signed-in user, with the roles that hold on branches only. */
export const me = user
  .extend({
    grants: z.array(
      z
        .object({ role, label: z.string().meta({ description: 'The branch, for a person.' }) })
        .catchall(z.union([z.string(), z.number()])),
    ),
  })
  .meta({ id: 'SignedInUser' });

/** What creates a user; without a name, it is the e-mail address up to the @. */
export const newUser = z.strictObject({
  email,
  name: name.optional(),
  role: role.default('viewer'),
  password: newPassword,
  active: z.boolean().default(true),
  mustChangePassword: z.boolean().default(false),
});
export type NewUser = z.output<typeof newUser>;

/** What changes a user: any of it. A password set by somebody else must be changed by its owner. */
export const userChange = z.strictObject({
  email: email.optional(),
  name: name.optional(),
  role: role.optional(),
  password: newPassword.optional(),
  active: z.boolean().optional(),
  mustChangePassword: z.boolean().optional(),
});
export type UserChange = z.output<typeof userChange>;

/** What signs in. */
export const credentials = z.strictObject({
  email: z.string().trim().min(1).max(254),
  password: givenPassword,
});

/** What renews or ends a sign-in. */
export const refreshBody = z.strictObject({ refreshToken });

/** What a signed-in user sends to get another password. */
export const passwordChange = z.strictObject({ currentPassword: givenPassword, newPassword });

/** A link to a new password: the token works once, until `expiresAt`. */
export const passwordReset = z
  .object({ token: z.string(), expiresAt: z.iso.datetime() })
  .meta({ id: 'PasswordReset' });
export type PasswordReset = z.output<typeof passwordReset>;

/** What the holder of such a link sends. */
export const resetBody = z.strictObject({ token: z.string().min(1).max(200), newPassword });

/** A new pair of tokens: the access token lives `expiresIn` seconds, the refresh token seven days and works once. */
export const session = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int(),
    user,
  })
  .meta({ id: 'Session' });
export type Session = z.output<typeof session>;

const userEvent = z.object({ id: z.int(), email: z.string(), name: z.string(), role, active: z.boolean() });

/** What other plugins may listen to. */
export const userEvents = {
  'user.created': userEvent,
  'user.updated': userEvent,
  'user.deleted': userEvent,
};

const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], {
  error: 'It must be an address or a CIDR, such as 192.0.2.0/24',
});

/** An API token on the wire: what is kept of it, never the token itself. */
export const apiToken = z
  .object({
    id: z.int(),
    name: z.string(),
    role,
    userId: z.int().meta({ description: 'Whose it is; it may never do more than they may.' }),
    allowedCidrs: z.array(z.string()).meta({ description: 'Where it may come from; empty: anywhere.' }),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable().meta({ description: 'Within five minutes.' }),
    createdAt: z.iso.datetime(),
    createdBy: z.string().nullable(),
  })
  .meta({ id: 'ApiToken' });
export type ApiToken = z.output<typeof apiToken>;

/** What makes a token; without a role it is a viewer's. */
export const newToken = z.strictObject({
  name,
  role: role.default('viewer'),
  expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
  allowedCidrs: z.array(network).max(100).default([]),
});
export type NewToken = z.output<typeof newToken>;

/** The answer to its making: the only one that holds the token. */
export const madeToken = apiToken
  .extend({ token: z.string().meta({ description: 'Shown this once: keep it.' }) })
  .meta({ id: 'MadeApiToken' });
export type MadeToken = z.output<typeof madeToken>;
