import { z } from 'zod';

/** What was read, or a sentence that says why not. */
export type Read<T> = { ok: true; value: T } | { ok: false; why: string };

/** A schema that reads text with a function and keeps its canonical form; the function's sentence is the message, `code` its code. */
export function canonical<T>(
  read: (text: string) => Read<T>,
  format: (value: T) => string,
  code: string,
  openApiFormat: string,
) {
  return z
    .string()
    .transform((text, ctx) => {
      const result = read(text.trim());
      if (result.ok) return format(result.value);
      ctx.addIssue({ code: 'custom', message: `${result.why}.`.replace('?.', '?'), params: { code } });
      return z.NEVER;
    })
    .meta({ override: { type: 'string', format: openApiFormat } });
}
