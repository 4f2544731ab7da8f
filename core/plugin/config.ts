import type { z } from 'zod';

/** The environment variable of a plugin's setting: `CADASTRE_<PLUGIN>_<KEY>`, camelCase keys in SNAKE_CASE; with the key '', its prefix. */
export function settingName(plugin: string, key: string): string {
  return `CADASTRE_${plugin.toUpperCase().replaceAll('-', '_')}_${key.replaceAll(/([A-Z])/g, '_$1').toUpperCase()}`;
}

/** Reads a plugin's settings from `CADASTRE_<PLUGIN>_<KEY>`; throws naming each bad variable. */
export function parsePluginConfig(
  plugin: string,
  schema: z.ZodObject | undefined,
  env: NodeJS.ProcessEnv,
): unknown {
  if (!schema) return Object.freeze({});
  const variable = (key: string) => settingName(plugin, key);
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((key) => {
      const value = env[variable(key)];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const result = schema.safeParse(given);
  if (result.success) return Object.freeze(result.data);
  const faults = result.error.issues.map((issue) => `${variable(String(issue.path[0]))}: ${issue.message}`);
  throw new Error(`The settings of ${plugin} are wrong: ${faults.join('; ')}.`);
}
