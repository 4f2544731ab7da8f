import { idParams, kernelErrors, type Principal, route } from '#core';
import { usersErrors } from './errors.ts';
import { userList } from './listing.ts';
import { credentials, newUser, passwordChange, refreshBody, session, user, userChange } from './schemas.ts';
import type { UsersApi } from './service.ts';

const { badCredentials, refreshTokenInvalid, refreshTokenReused, emailTaken, lastAdmin } = usersErrors;

/** Guesses per client address and minute, wherever a password is compared. */
const guessesPerMinute = 10;
const exampleToken = 'mXh3Gq1rJt0c8bWZ4vYk2sLpN6eDfUaOiBxTzRwQ5yE';

/** `/auth`: signing in, renewing, signing out, and who one is. */
export function authRoutes(api: UsersApi) {
  return [
    route({
      method: 'post',
      path: '/auth/login',
      tag: 'Auth',
      summary: 'Sign in with e-mail and password',
      permission: 'public',
      body: credentials,
      example: { email: 'ada@example.net', password: 'a long and private sentence' },
      returns: session,
      throws: [badCredentials],
      ratePerMinute: guessesPerMinute,
      idempotency: 'none',
      handler: ({ caller, body }) => api.login(caller, body.email, body.password),
    }),
    route({
      method: 'post',
      path: '/auth/refresh',
      tag: 'Auth',
      summary: 'Exchange a refresh token for a new pair',
      description: 'A refresh token works once; one that comes back ends the whole sign-in.',
      permission: 'public',
      body: refreshBody,
      example: { refreshToken: exampleToken },
      returns: session,
      throws: [refreshTokenInvalid, refreshTokenReused],
      idempotency: 'none',
      handler: ({ caller, body }) => api.refresh(caller, body.refreshToken),
    }),
    route({
      method: 'post',
      path: '/auth/logout',
      tag: 'Auth',
      summary: 'Sign out',
      description:
        'Ends the sign-in that the refresh token belongs to; one that is unknown or ended already is no error.',
      permission: 'public',
      body: refreshBody,
      example: { refreshToken: exampleToken },
      idempotency: 'none',
      handler: ({ caller, body }) => api.logout(caller, body.refreshToken),
    }),
    route({
      method: 'get',
      path: '/auth/me',
      tag: 'Auth',
      summary: 'Get the signed-in user',
      permission: 'signed-in',
      returns: user,
      throws: [kernelErrors.notFound],
      handler: ({ principal }) => api.getUser(personOf(principal)),
    }),
  ] as const;
}

/** `/users`: the accounts, for admins; and everybody's own password. */
export function userRoutes(api: UsersApi) {
  return [
    route({
      method: 'get',
      path: '/users',
      tag: 'Users',
      summary: 'List users',
      permission: 'users:read',
      query: userList.query,
      returns: userList.page,
      handler: ({ query }) => api.list(query),
    }),
    route({
      method: 'post',
      path: '/users',
      tag: 'Users',
      summary: 'Create a user',
      permission: 'users:write',
      body: newUser,
      example: {
        email: 'ada@example.net',
        name: 'Ada',
        role: 'engineer',
        password: 'a long and private sentence',
      },
      returns: user,
      status: 201,
      throws: [emailTaken],
      handler: ({ write, body }) => api.createUser(write, body),
    }),
    route({
      method: 'post',
      path: '/users/me/password',
      tag: 'Users',
      summary: 'Change your own password',
      description: 'Ends all of your sign-ins, this one too: sign in again with the new password.',
      permission: 'signed-in',
      body: passwordChange,
      example: { currentPassword: 'a long and private sentence', newPassword: 'another sentence, as long' },
      throws: [kernelErrors.notFound],
      ratePerMinute: guessesPerMinute,
      idempotency: 'none',
      handler: ({ caller, principal, body }) =>
        api.changePassword(caller, personOf(principal), body.currentPassword, body.newPassword),
    }),
    route({
      method: 'get',
      path: '/users/{id}',
      tag: 'Users',
      summary: 'Get a user',
      permission: 'users:read',
      params: idParams,
      returns: user,
      handler: ({ params }) => api.getUser(params.id),
    }),
    route({
      method: 'patch',
      path: '/users/{id}',
      tag: 'Users',
      summary: 'Change a user',
      description:
        'Deactivating a user, or setting a password, ends their sign-ins. A password set here must be changed by its owner.',
      permission: 'users:write',
      params: idParams,
      body: userChange,
      example: { role: 'auditor' },
      returns: user,
      throws: [emailTaken, lastAdmin, kernelErrors.versionMismatch],
      handler: (request) =>
        api.updateUser(request.write, request.params.id, request.body, (current) => request.ifMatch(current)),
    }),
    route({
      method: 'delete',
      path: '/users/{id}',
      tag: 'Users',
      summary: 'Delete a user',
      permission: 'users:write',
      params: idParams,
      throws: [lastAdmin, kernelErrors.versionMismatch],
      handler: (request) =>
        api.deleteUser(request.write, request.params.id, (current) => request.ifMatch(current)),
    }),
  ] as const;
}

/** The user's id; throws 403 where an API token asks, whose id is no user's. */
function personOf({ kind, id }: Principal): number {
  if (kind === 'user') return id;
  throw kernelErrors.forbidden('An API token has no account of its own; sign in with a password for this.');
}
