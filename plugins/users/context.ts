import type { PluginContext } from '#core';
import type { userEvents } from './schemas.ts';

/** What of the plugin's context its services work with. */
export type UsersContext = Pick<
  PluginContext<object, object, typeof userEvents, readonly []>,
  'db' | 'transact' | 'log' | 'clock' | 'issueToken' | 'emit' | 'extend'
>;
