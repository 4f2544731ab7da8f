import { BaseProperty, type PropertyType } from 'adminjs';
import type { Column, ColumnKind } from './columns.ts';

/** AdminJS's type for each kind; what it would take apart or convert wrongly goes as text. */
const types: Readonly<Partial<Record<ColumnKind, PropertyType>>> = {
  id: 'string',
  reference: 'reference',
  boolean: 'boolean',
  moment: 'datetime',
  day: 'date',
  json: 'textarea',
  fields: 'textarea',
};

/** Of a closed list, one filters what one looks for; sorting a million records by five values would read them all. */
const unsorted: ReadonlySet<ColumnKind> = new Set(['json', 'fields', 'runs', 'labels', 'choice', 'boolean']);

/** A column as AdminJS asks about it. */
export class PanelProperty extends BaseProperty {
  readonly column: Column;
  readonly #target: string | null;
  readonly #required: boolean;
  readonly #sortable: boolean;

  /** `target` is the resource that a reference leads to; null where the panel has none for its table. */
  constructor(column: Column, target: string | null, required: boolean, sortable = true) {
    const type = column.kind === 'reference' && target === null ? 'string' : types[column.kind];
    super({ path: column.name, type: type ?? 'string', isId: column.kind === 'id' });
    this.column = column;
    this.#target = target;
    this.#required = required;
    this.#sortable = sortable && !unsorted.has(column.kind);
  }

  // The base class hides what has "password" in its name; what may be seen is settled before it comes here.
  override isVisible(): boolean {
    return true;
  }

  override isSortable(): boolean {
    return this.#sortable;
  }

  override isRequired(): boolean {
    return this.#required && this.column.kind !== 'boolean';
  }

  override reference(): string | null {
    return this.column.kind === 'reference' ? this.#target : null;
  }

  override availableValues(): string[] | null {
    return this.column.choices.length > 0 ? [...this.column.choices] : null;
  }
}

/** A field that only goes in, and is never read back. */
export class PasswordProperty extends BaseProperty {
  constructor(path: string) {
    super({ path, type: 'password', isSortable: false });
  }

  override isVisible(): boolean {
    return true;
  }

  override isRequired(): boolean {
    return true;
  }
}
