import { idParams, kernelErrors, route } from '#core';
import { usersErrors } from '../errors.ts';
import { userList } from '../listing.ts';
import { newUser, passwordChange, passwordReset, user, userChange } from '../schemas.ts';
import type { UsersApi } from '../service.ts';
import { guessesPerMinute, personOf } from './person.ts';

const { emailTaken, lastAdmin, signInLocked, userInactive } = usersErrors;

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
      beforePasswordChange: true,
      body: passwordChange,
      example: { currentPassword: 'a long and private sentence', newPassword: 'another sentence, as long' },
      throws: [kernelErrors.notFound, signInLocked],
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
      method: 'post',
      path: '/users/{id}/unlock',
      tag: 'Users',
      summary: 'Let a user who is locked out sign in again',
      description:
        'Forgets the failed sign-ins of the account; those of a client address are forgiven with time.',
      permission: 'users:write',
      params: idParams,
      returns: user,
      handler: ({ write, params }) => api.unlock(write, params.id),
    }),
    route({
      method: 'post',
      path: '/users/{id}/password-reset',
      tag: 'Users',
      summary: 'Make a link by which a user chooses a new password',
      description:
        'The token works once and for an hour, at POST /auth/password-reset or in the panel at /admin/reset#<token>. An earlier one works no more; the old password works until then.',
      permission: 'users:write',
      params: idParams,
      returns: passwordReset,
      status: 201,
      throws: [userInactive],
      idempotency: 'none',
      handler: ({ write, params }) => api.openReset(write, params.id),
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
