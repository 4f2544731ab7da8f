import type { ForeignAction, RecordAction, RegisteredModel, Route } from '#core';
import { type AskedField, askedFields } from './asked-field.ts';

/** A button of a view, with the route that it calls and what is asked for before. */
export interface ViewAction {
  name: string;
  said: RecordAction;
  route: Route;
  fields: readonly AskedField[];
}

/** The buttons on the records of a model: its own, then those of other plugins; one whose route nobody serves is left out. */
export function viewActions(
  { admin, definition }: RegisteredModel,
  routes: readonly Route[],
  foreign: readonly ForeignAction[],
): ViewAction[] {
  const own = admin?.actions ?? {};
  const others = foreign.filter(({ table, name }) => table === definition.table && !Object.hasOwn(own, name));
  const all = [...Object.entries(own), ...others.map(({ name, action }) => [name, action] as const)];
  return all.flatMap(([name, said]) => {
    const [method, path] = said.post === undefined ? ['delete', said.delete] : ['post', said.post];
    const route = routes.find((each) => each.method === method && each.path === path);
    return route ? [{ name, said, route, fields: askedFields(route, said.fields ?? []) }] : [];
  });
}
