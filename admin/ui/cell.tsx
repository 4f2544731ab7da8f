import { ValueGroup } from '@adminjs/design-system';
import { type BasePropertyProps, useTranslation, ViewHelpers } from 'adminjs';
import React, { type ReactNode } from 'react';
import { Link } from 'react-router-dom';

/** Where a value stands: in a list, whose title leads to the record, or on the record's own page. */
export interface Place {
  inList: boolean;
  /** The record's page, where this is the list's column that names it. */
  to: string | undefined;
}

/** The page of a record. */
export function recordPath(model: string, id: string | number): string {
  return new ViewHelpers().recordActionUrl({
    resourceId: model,
    recordId: String(id),
    actionName: 'show',
  });
}

/** The list of a model's records, of those alone that a filter by columns leaves. */
export function listPath(model: string, filter: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(
    Object.entries(filter).map(([column, value]) => [`filters.${column}`, value]),
  ).toString();
  const path = new ViewHelpers().resourceUrl({ resourceId: model });
  return query === '' ? path : `${path}?${query}`;
}

/** Where a value would stand, and there is none. */
export function Nothing() {
  return <span className="cad-none">–</span>;
}

/** Leads to a record's page where there is one to lead to. */
export function Titled({ to, children }: { to: string | undefined; children: ReactNode }) {
  if (to === undefined) return <>{children}</>;
  return (
    <Link className="cad-link" to={to}>
      {children}
    </Link>
  );
}

function placeOf({ property, record, resource, where }: BasePropertyProps): Place {
  const inList = where === 'list';
  const opens = record?.recordActions.some(({ name }) => name === 'show') === true;
  const to = inList && property.isTitle && record && opens ? recordPath(resource.id, record.id) : undefined;
  return { inList, to };
}

/**
 * Makes AdminJS's component for lists and record pages out of how one value is drawn, of the record with these parameters, with what
 * the property's options say; what is missing is a dash.
 */
export function cellOf(
  draw: (
    value: unknown,
    place: Place,
    params: Readonly<Record<string, unknown>>,
    custom: Readonly<Record<string, unknown>>,
  ) => ReactNode,
): React.FC<BasePropertyProps> {
  return function Cell(props) {
    const { property, record, where } = props;
    const { translateProperty } = useTranslation();
    const value = record?.params[property.path];
    const missing = value === undefined || value === null || value === '';
    const drawn = missing ? <Nothing /> : draw(value, placeOf(props), record?.params ?? {}, property.custom);
    if (where !== 'show') return <>{drawn}</>;
    return <ValueGroup label={translateProperty(property.label, property.resourceId)}>{drawn}</ValueGroup>;
  };
}
