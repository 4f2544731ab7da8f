import { idParams, kernelErrors, type Principal, route } from '#core';
import { usersErrors } from '../errors.ts';
import { tokenList } from '../listing.ts';
import { apiToken, madeToken, newToken } from '../schemas.ts';
import type { UsersApi } from '../service.ts';
import { personOf } from './person.ts';

/** Whoever is signed in as a person: a token that was lost must not make others, nor revoke them. */
function person(principal: Principal): Principal {
  personOf(principal);
  return principal;
}

/** `/tokens`: API tokens, one's own or, for admins, everybody's. */
export function tokenRoutes(api: UsersApi) {
  return [
    route({
      method: 'get',
      path: '/tokens',
      tag: 'Tokens',
      summary: 'List API tokens',
      description: 'Your own; an admin sees those of everybody.',
      permission: 'tokens:read',
      query: tokenList.query,
      returns: tokenList.page,
      handler: ({ principal, query }) => api.listTokens(person(principal), query),
    }),
    route({
      method: 'post',
      path: '/tokens',
      tag: 'Tokens',
      summary: 'Make an API token',
      description:
        'The token is in this answer and never shown again. Send it as Authorization: Bearer cad_…. It ends with its owner.',
      permission: 'tokens:write',
      body: newToken,
      example: {
        name: 'Provisioning',
        role: 'engineer',
        expiresAt: '2030-01-01T00:00:00Z',
        allowedCidrs: ['192.0.2.0/24'],
      },
      returns: madeToken,
      status: 201,
      // Who was deleted or deactivated a moment ago.
      throws: [usersErrors.roleTooHigh, kernelErrors.notFound],
      idempotency: 'none',
      handler: ({ write, principal, body }) => api.createToken(write, person(principal), body),
    }),
    route({
      method: 'get',
      path: '/tokens/{id}',
      tag: 'Tokens',
      summary: 'Get an API token',
      permission: 'tokens:read',
      params: idParams,
      returns: apiToken,
      handler: ({ principal, params }) => api.getToken(person(principal), params.id),
    }),
    route({
      method: 'delete',
      path: '/tokens/{id}',
      tag: 'Tokens',
      summary: 'Revoke an API token',
      description: 'It is refused within five seconds, in every process.',
      permission: 'tokens:write',
      params: idParams,
      handler: ({ write, principal, params }) => api.revokeToken(write, person(principal), params.id),
    }),
  ] as const;
}
