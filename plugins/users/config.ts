import { z } from 'zod';

const failures = z.coerce.number().int().min(1).max(10_000);

/** The plugin's settings. */
export const usersConfig = z.object({
  lockoutFailures: failures
    .default(5)
    .describe(
      'failed sign-ins of an account that lock it for a while; one is forgiven each quarter of an hour',
    ),
  lockoutAddressFailures: failures
    .default(50)
    .describe('failed sign-ins from a client address that lock it for a while; one is forgiven each minute'),
});
export type UsersConfig = z.output<typeof usersConfig>;
