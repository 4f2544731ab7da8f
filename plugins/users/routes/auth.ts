import { kernelErrors, route } from '#core';
import { usersErrors } from '../errors.ts';
import { credentials, me, refreshBody, resetBody, session } from '../schemas.ts';
import type { UsersApi } from '../service.ts';
import { guessesPerMinute, personOf } from './person.ts';

const { badCredentials, refreshTokenInvalid, refreshTokenReused, resetTokenInvalid, signInLocked } =
  usersErrors;

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
      throws: [badCredentials, signInLocked],
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
      method: 'post',
      path: '/auth/password-reset',
      tag: 'Auth',
      summary: 'Choose a new password by a link from an admin',
      description:
        'The token works once and for an hour. Ends all sign-ins of the user; sign in with the new password.',
      permission: 'public',
      body: resetBody,
      example: { token: exampleToken, newPassword: 'another sentence, as long' },
      throws: [resetTokenInvalid],
      ratePerMinute: guessesPerMinute,
      idempotency: 'none',
      handler: ({ caller, body }) => api.resetPassword(caller, body.token, body.newPassword),
    }),
    route({
      method: 'get',
      path: '/auth/me',
      tag: 'Auth',
      summary: 'Get the signed-in user',
      permission: 'signed-in',
      beforePasswordChange: true,
      returns: me,
      throws: [kernelErrors.notFound],
      handler: async ({ principal }) => ({
        ...(await api.getUser(personOf(principal))),
        grants: (principal.grants ?? []).map(({ role, branch }) => ({
          role,
          label: branch.label,
          ...branch.key,
        })),
      }),
    }),
  ] as const;
}
