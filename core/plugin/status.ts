import { redacted } from '../log/redact.ts';
import { withTimeout } from '../timeout.ts';
import type { AnyPlugin } from './define.ts';
import type { PluginStatus } from './registry.ts';

type Check = () => Promise<void>;

/** The longest that a health check may take, in milliseconds. */
const checkTimeout = 2_000;

/** A plugin's health checks by name; one that cannot even be listed is a failing check. */
export function healthChecksOf({ definition }: AnyPlugin, api: unknown): Record<string, Check> {
  try {
    return definition.health?.(api as never) ?? {};
  } catch (fault) {
    return {
      health: async () => {
        throw fault;
      },
    };
  }
}

/** The status of a plugin that could not even be loaded. */
export function unloadableStatus({ name, why }: { name: string; why: string }): PluginStatus {
  return { name, version: '0.0.0', state: 'failed', why, summary: '', builtIn: false };
}

/** The status as it is just now: degraded is a running plugin of which a health check fails. */
export async function withHealth(status: PluginStatus, checks: Record<string, Check>): Promise<PluginStatus> {
  const faults = await Promise.all(
    Object.entries(checks).map(([name, check]) =>
      withTimeout((async () => check())(), checkTimeout, `no answer within ${checkTimeout / 1000} s`).then(
        () => undefined,
        (fault: Error) => redacted(`${name}: ${fault.message}`),
      ),
    ),
  );
  const why = faults.filter(Boolean).join('; ');
  return why === '' ? status : { ...status, state: 'degraded', why };
}
