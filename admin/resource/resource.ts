import { type ActionContext, type BaseProperty, type BaseRecord, BaseResource, type Filter } from 'adminjs';
import { kernelErrors, type PanelKernel } from '#core';
import type { PanelUser } from '../user.ts';
import { extrasOf, factsOf } from './extras.ts';
import { atTheFields } from './faults.ts';
import type { FilterValue } from './filters.ts';
import { colorsIn, colorsParameterOf } from './label-colors.ts';
import { PanelProperty, PasswordProperty } from './property.ts';
import { createReading, type Reading, type Row } from './reading.ts';
import { TitledRecord } from './titled-record.ts';
import { shownRow } from './values.ts';
import type { ResourceView } from './view.ts';
import { createWriting, type Writer, type Writing } from './writing.ts';

interface FindOptions {
  limit?: number;
  offset?: number;
  sort?: { sortBy?: string; direction?: 'asc' | 'desc' };
}

/** The furthest back that a list is paged; whoever looks for something that far filters instead. */
const furthest = 1_000_000;

/**
 * A registered model as AdminJS works on it. It reads and filters listed columns only, writes through the same doors as REST,
 * and asks for the permission itself, whatever AdminJS has asked before.
 */
export class RegisterResource extends BaseResource {
  readonly view: ResourceView;
  readonly reading: Reading;
  readonly writing: Writing;
  readonly #kernel: PanelKernel;
  readonly #properties: ReadonlyMap<string, BaseProperty>;

  /** `targets` names the resource of each table that references lead to. */
  constructor(kernel: PanelKernel, view: ResourceView, targets: ReadonlyMap<string, string>) {
    super();
    this.#kernel = kernel;
    this.view = view;
    this.reading = createReading(kernel.db, view);
    this.writing = createWriting(kernel, view);
    const columns = [...view.columns.values()].map((column): [string, BaseProperty] => [
      column.name,
      new PanelProperty(
        column,
        targets.get(column.references ?? '') ?? null,
        view.required.has(column.name),
        view.orderedBy?.has(column.name) ?? true,
      ),
    ]);
    const extra = view.extra.map(({ name }): [string, BaseProperty] => [name, new PasswordProperty(name)]);
    this.#properties = new Map([...columns, ...extra]);
  }

  static override isAdapterFor(): boolean {
    return false;
  }

  override databaseName(): string {
    return 'cadastre';
  }

  override databaseType(): string {
    return 'postgres';
  }

  override id(): string {
    return this.view.name;
  }

  override properties(): BaseProperty[] {
    return [...this.#properties.values()];
  }

  override property(path: string): BaseProperty | null {
    return this.#properties.get(path) ?? null;
  }

  override async count(filter: Filter, context?: ActionContext): Promise<number> {
    this.#demandReading(context);
    return this.reading.count(filterValues(filter));
  }

  override async find(filter: Filter, options: FindOptions, context?: ActionContext): Promise<BaseRecord[]> {
    this.#demandReading(context);
    const { limit = 10, offset = 0, sort } = options;
    const rows = await this.reading.find(filterValues(filter), {
      limit: whole(limit, 10, 500),
      offset: whole(offset, 0, furthest),
      sortBy: sort?.sortBy,
      descending: sort?.direction === 'desc',
    });
    return this.#records(rows, await this.#facts(rows, context, 'list'));
  }

  override async findOne(id: string, context?: ActionContext): Promise<BaseRecord | null> {
    if (!this.view.may(writerOf(context).principal, 'read')) return null;
    const rows = await this.reading.byIds([id]);
    const [record] = await this.#records(rows, await this.#facts(rows, context, 'page'));
    return record ?? null;
  }

  override async findMany(ids: (string | number)[], context?: ActionContext): Promise<BaseRecord[]> {
    // Asked for to show what a record refers to: who may not see that sees the record without it.
    if (!this.view.may(writerOf(context).principal, 'read')) return [];
    return this.#records(await this.reading.byIds(ids.slice(0, 500)));
  }

  /** The records that a form offers where one of them is to be named, by some of what they are called. */
  async choices(typed: string, context?: ActionContext): Promise<BaseRecord[]> {
    this.#demandReading(context);
    return this.#records(await this.reading.choices(typed.slice(0, 200), 50));
  }

  override async create(form: Row, context?: ActionContext): Promise<Row> {
    try {
      const id = await this.writing.create(writerOf(context), form);
      return (await this.#shownById(id)) ?? { [this.view.id.name]: id };
    } catch (fault) {
      throw atTheFields(fault, this.view);
    }
  }

  override async update(id: string, form: Row, context?: ActionContext): Promise<Row> {
    try {
      const [current] = await this.reading.byIds([id]);
      if (!current) throw kernelErrors.notFound(`There is no ${this.view.name} ${id}.`);
      await this.writing.change(writerOf(context), current, form);
      return (await this.#shownById(id)) ?? form;
    } catch (fault) {
      throw atTheFields(fault, this.view);
    }
  }

  override async delete(id: string, context?: ActionContext): Promise<void> {
    try {
      await this.writing.remove(writerOf(context), id);
    } catch (fault) {
      throw atTheFields(fault, this.view);
    }
  }

  #demandReading(context: ActionContext | undefined): void {
    const { principal } = writerOf(context);
    if (this.view.may(principal, 'read')) return;
    throw kernelErrors.forbidden(`The role ${principal.role} may not see ${this.view.name}.`);
  }

  async #shownById(id: string): Promise<Row | undefined> {
    const [row] = await this.reading.byIds([id]);
    return row && shownRow(this.view.columns, row);
  }

  #facts(rows: readonly Row[], context: ActionContext | undefined, where: 'list' | 'page') {
    return factsOf(this.#kernel, this.view, rows, writerOf(context).principal, where);
  }

  async #records(rows: readonly Row[], facts: Awaited<ReturnType<typeof factsOf>> = new Map()) {
    const { view } = this;
    const colors = await colorsIn(this.#kernel, view, rows);
    return rows.map((row): BaseRecord => {
      const extras = extrasOf(this.#kernel, view, row, facts.get(String(row[view.id.name])));
      const params = { ...shownRow(view.columns, row), ...colorsParameterOf(view, row, colors), ...extras };
      return new TitledRecord(params, this);
    });
  }
}

/** Who does what AdminJS asks for; without anybody signed in, nothing is done. */
export function writerOf(context: ActionContext | undefined): Writer {
  const user = context?.currentAdmin as PanelUser | undefined;
  if (!user) throw kernelErrors.notAuthenticated('Sign in first.');
  const { principal, requestId, address } = user;
  const within = context?.within;
  return { principal, requestId, address, ...(within ? { within } : {}) };
}

function filterValues(filter: Filter | undefined): Record<string, FilterValue> {
  const elements = Object.values(filter?.filters ?? {});
  return Object.fromEntries(elements.map(({ path, value }) => [path, value as FilterValue]));
}

function whole(value: unknown, least: number, most: number): number {
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) ? Math.min(Math.max(number, least === 0 ? 0 : 1), most) : least;
}
