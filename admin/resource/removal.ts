import { type ActionHandler, type RecordActionResponse, ValidationError } from 'adminjs';
import { z } from 'zod';
import { kernelErrors, type Route } from '#core';
import { atTheFields } from './faults.ts';
import { type RegisterResource, writerOf } from './resource.ts';

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

/** Deletes one record as the form chose; a refusal is told where the form is still open. */
export function removeAsChosen(resource: RegisterResource): ActionHandler<RecordActionResponse> {
  return async (request, _response, context) => {
    const { record, currentAdmin, h } = context;
    if (!record) throw kernelErrors.notFound('It is gone.');
    const shown = record.toJSON(currentAdmin);
    if (request.method !== 'post') return { record: shown };
    try {
      const chosen = chosenOf(resource.view.removal, request.payload);
      await resource.writing.remove(writerOf(context), String(record.id()), chosen);
    } catch (fault) {
      const told = atTheFields(fault, resource.view);
      if (!(told instanceof ValidationError)) throw told;
      const [first] = Object.values(told.propertyErrors);
      const message = told.baseError?.message ?? first?.message ?? '';
      return { record: shown, notice: { message, type: 'error' } };
    }
    return {
      record: shown,
      redirectUrl: h.resourceUrl({ resourceId: resource.id() }),
      notice: { message: 'successfullyDeleted', type: 'success' },
    };
  };
}
