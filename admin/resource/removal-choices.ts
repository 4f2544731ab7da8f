import { z } from 'zod';
import type { Route } from '#core';

/** What whoever deletes a record may have to choose: a parameter of the query of the route that does it. */
export interface RemovalChoice {
  name: string;
  options: readonly string[];
  /** What the options do. */
  says: string;
}

/** The choices of a route that deletes: those of its parameters that have a closed list of values. */
export function removalChoices(route: Route | undefined): RemovalChoice[] {
  if (!route?.query) return [];
  const { properties = {} } = z.toJSONSchema(route.query, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).flatMap(([name, schema]) => {
    if (typeof schema === 'boolean' || !schema.enum) return [];
    return [{ name, options: schema.enum.map(String), says: schema.description ?? '' }];
  });
}

/** What a form chose of them, for the route's query; a choice left open is not there. */
export function chosenOf(choices: readonly RemovalChoice[], payload: unknown): Record<string, string> {
  const form = (payload ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    choices.flatMap(({ name }) => (form[name] ? [[name, String(form[name])] as const] : [])),
  );
}
