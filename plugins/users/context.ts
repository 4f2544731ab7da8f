import type { PluginContext } from '#core';
import type { UsersConfig } from './config.ts';
import type { userEvents } from './schemas.ts';

/** What of the plugin's context its services work with. */
export type UsersContext = Pick<
  PluginContext<UsersConfig, object, typeof userEvents, readonly []>,
  'config' | 'db' | 'transact' | 'log' | 'clock' | 'issueToken' | 'emit' | 'extend'
>;
