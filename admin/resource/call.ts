import type { PanelKernel } from '#core';
import { askedValues } from './asked-field.ts';
import type { Row } from './reading.ts';
import type { ViewAction } from './view-actions.ts';
import type { Writer } from './writing.ts';

/** Calls the route of a button for one record, with what was filled in; throws what the route does. */
export function callFor(
  kernel: PanelKernel,
  { said, route, fields }: ViewAction,
  writer: Writer,
  row: Row,
  id: string,
  form: unknown,
): Promise<unknown> {
  const version = Number((form as { version?: unknown } | undefined)?.version ?? Number.NaN);
  const body = { ...said.body?.(row), ...askedValues(fields, form) };
  return kernel.invoke({
    route,
    ...writer,
    params: route.path.includes('{id}') ? { id } : {},
    ...(route.body ? { body } : {}),
    version: Number.isInteger(version) ? version : undefined,
  });
}
