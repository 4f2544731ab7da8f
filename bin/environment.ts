import leven from 'leven';
import type { z } from 'zod';
import { variables } from '#config/env';
import { redacted } from '../core/log/redact.ts';
import { settingName } from '../core/plugin/config.ts';
import type { AnyPlugin } from '../core/plugin/define.ts';

/** One variable as it stands: where `wrong` is set, its value is not one that Cadastre takes. */
export interface VariableReport {
  name: string;
  /** As given, secrets hidden; undefined where it is not set. */
  value: string | undefined;
  /** What holds where it is not set; empty where nothing does. */
  default: string;
  meaning: string;
  wrong?: string;
}

interface Variable {
  name: string;
  schema: z.ZodType;
}

/** Every variable that the kernel and these plugins read, with what the environment says. */
export function environmentReport(
  source: NodeJS.ProcessEnv,
  plugins: readonly AnyPlugin[],
): VariableReport[] {
  return [...kernelVariables(), ...pluginVariables(plugins)].map(({ name, schema }) => {
    const given = source[name] || undefined;
    const result = schema.safeParse(given);
    return {
      name,
      value: given === undefined ? undefined : hidden(name, given),
      default: defaultOf(schema),
      meaning: schema.description ?? '',
      ...(result.success ? {} : { wrong: result.error.issues.map(({ message }) => message).join('; ') }),
    };
  });
}

/** Variables that look like settings of these plugins but are read by nobody, with the name that was probably meant. */
export function unreadVariables(
  source: NodeJS.ProcessEnv,
  plugins: readonly AnyPlugin[],
): [string, string | undefined][] {
  const known = pluginVariables(plugins).map(({ name }) => name);
  return Object.keys(source)
    .filter(
      (name) =>
        !known.includes(name) && plugins.some((plugin) => name.startsWith(settingName(plugin.name, ''))),
    )
    .map((name) => [name, known.find((each) => each.startsWith(name) || leven(each, name) <= 3)]);
}

function kernelVariables(): Variable[] {
  return Object.entries(variables.shape).map(([name, schema]) => ({ name, schema }));
}

function pluginVariables(plugins: readonly AnyPlugin[]): Variable[] {
  return plugins.flatMap((plugin) =>
    Object.entries((plugin.definition.config?.shape ?? {}) as Record<string, z.ZodType>).map(
      ([key, schema]) => ({
        name: settingName(plugin.name, key),
        schema,
      }),
    ),
  );
}

function defaultOf(schema: z.ZodType): string {
  const { success, data } = schema.safeParse(undefined);
  if (!success || data === undefined) return '';
  return Array.isArray(data) ? data.join(',') : String(data === true ? 1 : data === false ? 0 : data);
}

/** Never shows a secret: what is named like one, and the password in a URL. */
function hidden(name: string, value: string): string {
  if (/PASSWORD|SECRET|TOKEN|KEY/.test(name)) return '(set, not shown)';
  return redacted(value);
}
