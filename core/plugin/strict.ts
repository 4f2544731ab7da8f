import type { z } from 'zod';

interface Definition {
  shape?: Record<string, z.ZodType>;
  catchall?: z.ZodType;
  options?: readonly z.ZodType[];
  getter?: () => z.ZodType;
  [inner: string]: unknown;
}

/** The parts of a schema that see what a client sent, with how their path goes on. */
function inputsOf({
  shape,
  options,
  getter,
  ...def
}: Definition): (readonly [string, z.ZodType | undefined])[] {
  const alone = ['innerType', 'element', 'valueType', 'left', 'right', 'in'] as const;
  return [
    ...Object.entries(shape ?? {}).map(([key, inner]) => [`.${key}`, inner] as const),
    ...(options ?? []).map((inner) => ['', inner] as const),
    ['', getter?.()],
    ...alone.map((key) => [key === 'element' ? '[]' : '', def[key] as z.ZodType | undefined] as const),
  ];
}

/** Where inside a schema the first object is that would silently drop unknown keys; undefined where there is none. */
export function lenientObjectIn(
  schema: z.ZodType | undefined,
  path: string,
  seen = new Set<unknown>(),
): string | undefined {
  if (!schema || seen.has(schema)) return undefined;
  seen.add(schema);
  const def = schema.def as unknown as Definition;
  if (def.shape && !def.catchall) return path;
  for (const [step, inner] of inputsOf(def)) {
    const found = lenientObjectIn(inner, path + step, seen);
    if (found) return found;
  }
  return undefined;
}
