import { defineErrors } from './problem.ts';

/** The errors that any route may answer with; docs/errors.md lists them, and a test compares the two. */
export const kernelErrors = defineErrors({
  notParseable: { code: 'not-parseable', status: 400, title: 'The request could not be parsed' },
  notAuthenticated: { code: 'not-authenticated', status: 401, title: 'Authentication is needed' },
  forbidden: { code: 'forbidden', status: 403, title: 'The permission is missing' },
  passwordChangeNeeded: {
    code: 'password-change-needed',
    status: 403,
    title: 'The password must be changed first',
  },
  notFound: { code: 'not-found', status: 404, title: 'There is no such thing' },
  methodNotAllowed: { code: 'method-not-allowed', status: 405, title: 'The path does not take this method' },
  timeout: { code: 'timeout', status: 408, title: 'The request took too long to arrive' },
  conflict: { code: 'conflict', status: 409, title: 'A rule of the register forbids it' },
  versionMismatch: { code: 'version-mismatch', status: 412, title: 'It has changed in the meantime' },
  tooLarge: { code: 'too-large', status: 413, title: 'The request body is too large' },
  unsupportedMediaType: { code: 'unsupported-media-type', status: 415, title: 'The body must be JSON' },
  invalid: { code: 'invalid', status: 422, title: 'The request is not valid' },
  idempotencyKeyReused: {
    code: 'idempotency-key-reused',
    status: 422,
    title: 'The idempotency key came with another request',
  },
  tooManyRequests: { code: 'too-many-requests', status: 429, title: 'Too many requests' },
  headersTooLarge: { code: 'headers-too-large', status: 431, title: 'The request headers are too large' },
  internal: { code: 'internal', status: 500, title: 'Something broke on our side' },
  unavailable: { code: 'unavailable', status: 503, title: 'Not available just now' },
});
