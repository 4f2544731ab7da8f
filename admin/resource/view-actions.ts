import type { ForeignAction, RecordAction, RegisteredModel, Route } from '#core';
import { type AskedField, askedFields } from './asked-field.ts';

/** A button of a view, with the route that it calls and what is asked for before. */
export interface ViewAction {
  name: string;
  said: RecordAction;
  route: Route;
  fields: readonly AskedField[];
  /** It is another plugin's: it stands on the records' pages, and not on each line of their lists. */
  isForeign: boolean;
}

/** The buttons on the records of a model: its own, then those of other plugins; one whose route nobody serves is left out. */
export function viewActions(
  { admin, definition }: RegisteredModel,
  routes: readonly Route[],
  foreign: readonly ForeignAction[],
): ViewAction[] {
  const own = admin?.actions ?? {};
  const others = foreign.filter(({ table, name }) => table === definition.table && !Object.hasOwn(own, name));
  const all = [
    ...Object.entries(own).map(([name, said]) => ({ name, said, isForeign: false })),
    ...others.map(({ name, action }) => ({ name, said: action, isForeign: true })),
  ];
  return all.flatMap(({ name, said, isForeign }) => {
    const [method, path] = said.post === undefined ? ['delete', said.delete] : ['post', said.post];
    const route = routes.find((each) => each.method === method && each.path === path);
    return route ? [{ name, said, route, fields: askedFields(route, said.fields ?? []), isForeign }] : [];
  });
}
