import { Model } from 'sequelize';
import { z } from 'zod';
import type { ConstraintTable } from '../db/failures.ts';
import { defineModel, type ModelDefinition } from '../db/model.ts';
import type { SearchFact } from '../db/search-fact.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { ProblemKind } from '../errors/problem.ts';
import type { Filter } from '../http/filters.ts';
import type { Include } from '../http/include.ts';
import type { Listing } from '../http/listing.ts';
import type { Route } from '../http/route.ts';
import type { AdminView } from '../plugin/admin-view.ts';
import { commonColumns, idColumn, referenceColumn } from './common.ts';
import type { Fields } from './field.ts';
import { columnsOf, listOf } from './list.ts';
import { type Overrides, routesOf } from './routes.ts';
import { type Hooks, type RecordService, type ServiceContext, serviceOf } from './service.ts';
import {
  bodyOf,
  type ColumnOf,
  isReference,
  type ModelOf,
  type NewShape,
  type PatchShape,
  type RecordShape,
  recordOf,
} from './shapes.ts';
import { nameOf, type Target } from './target.ts';

type Names<F extends Fields> = keyof F & string;
type Sortable<F extends Fields> = Names<F> | 'id' | 'createdAt' | 'updatedAt';

interface Options<F extends Fields, Read extends string, Write extends string> {
  /** Singular, as in the audit log: `vlan-group`. */
  entity: string;
  table: string;
  /** The collection below /api/v1: `/vlan-groups`. */
  path: `/${string}`;
  /** The heading in the API docs. */
  tag: string;
  /** What one and several are called in sentences; left out, by the entity. */
  nouns?: readonly [one: string, many: string];
  /** What tells a record from others to a person, the most telling last. */
  key: readonly NoInfer<Names<F>>[];
  /** The text by which others refer to a record; left out, the last of `key`. Digits alone would be an id, and are refused. */
  namedBy?: NoInfer<Names<F>>;
  permissions: { readonly read: Read; readonly write: Write };
  fields: F;
  /** `field` or `-field`. */
  defaultSort: NoInfer<Sortable<F> | `-${Sortable<F>}`>;
  /** A body that a POST takes, for the API docs. */
  example: z.input<z.ZodObject<NewShape<NoInfer<F>>>>;
  /** What is shown of a record where another one mentions it, beside `id`; left out, the name. */
  mention?: readonly NoInfer<Names<F>>[];
  /** What breaking its rules is answered with: a name that another has, a deletion while others refer to it. */
  errors?: { readonly taken?: ProblemKind; readonly inUse?: ProblemKind };
  /** SQL over the row's columns: where a record lies, for those who may write in branches alone. */
  place?: string;
  search?: SearchFact<NoInfer<ColumnOf<F>>>;
  /** Further filters of the list; its table is called `r`. */
  filters?: Readonly<Record<string, Filter>>;
  includes?: Readonly<Record<string, Include>>;
  /** What the panel is told otherwise than that its title is the name, and its group the tag. */
  panel?: AdminView<NoInfer<ColumnOf<F>>>;
}

/** A model with everything that follows from its declaration. */
export interface Resource<
  F extends Fields = Fields,
  Read extends string = string,
  Write extends string = string,
> extends Target {
  readonly model: ModelDefinition<ModelOf<F>>;
  readonly schema: z.ZodObject<RecordShape<F>>;
  readonly newBody: z.ZodObject<NewShape<F>>;
  readonly patchBody: z.ZodObject<PatchShape<F>>;
  readonly list: Listing<z.ZodObject<RecordShape<F>>>;
  /** What a SELECT of a plugin's own lists to answer whole records, of the table under the alias `r`. */
  readonly columns: string;
  readonly view: AdminView<ColumnOf<F>>;
  /** What its unique name and its foreign keys mean, by the names `<table>_<name>_key` and `<table>_<reference>_fkey`. */
  readonly constraints: ConstraintTable;
  service(ctx: ServiceContext, hooks?: Hooks<F>): RecordService<F>;
  /** GET, POST, GET one, PATCH and DELETE; POST and PATCH take lists, too. */
  routes(service: RecordService<F>, overrides?: Overrides): Route<Read | Write>[];
}

/**
 * Declares a model once: its columns, bodies, list, service, routes and view follow. Its table is made by a migration and ends with the
 * columns that every record has (`commonColumns`).
 */
export function resource<const F extends Fields, const Read extends string, const Write extends string>(
  options: Options<F, Read, Write>,
): Resource<F, Read, Write> {
  const { entity, table, path, tag, permissions, errors = {}, example, defaultSort } = options;
  const fields = namedFields(options);
  const namedBy = namedByOf(options);
  const [one, many] = options.nouns ?? [entity.replaceAll('-', ' '), `${entity.replaceAll('-', ' ')}s`];
  const typeName = entity.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const shown = options.mention ?? [namedBy];
  const mention = z
    .object({ id: z.int(), ...Object.fromEntries(shown.map((name) => [name, field(fields, name).schema])) })
    .meta({ id: `${typeName}Reference` });
  const target: Target = { entity, table, path, nouns: [one, many], namedBy, mention, inUse: errors.inUse };
  const targetOf = (name: string): Target => {
    const each = field(fields, name);
    return isReference(each) && each.target !== 'self' ? each.target : target;
  };
  const schema = recordOf(fields, typeName);
  const newBody = bodyOf(fields, false);
  const patchBody = bodyOf(fields, true);
  const { filters = {}, includes = {} } = options;
  const list = listOf({ fields, schema, table, defaultSort, targetOf, filters, includes });
  const made = {
    ...target,
    model: modelOf(options, typeName, fields, targetOf),
    schema,
    newBody,
    patchBody,
    list,
    columns: columnsOf(fields),
    view: { title: namedBy, group: tag, rest: path, ...options.panel },
    constraints: constraintsOf(options, [one, many], fields, targetOf),
    service: (ctx: ServiceContext, hooks: Hooks<F> = {}) =>
      serviceOf({ fields, table, entity, noun: one, list, targetOf } as never, ctx, hooks as never),
    routes: (service: RecordService<F>, overrides: Overrides = {}) =>
      routesOf(
        {
          path,
          tag,
          nouns: [one, many],
          permissions,
          schema,
          newBody,
          patchBody,
          example,
          taken: errors.taken ? [errors.taken] : [],
          inUse: errors.inUse ? [errors.inUse] : [],
        },
        service,
        overrides,
      ),
  };
  return Object.freeze(made) as never;
}

type AnyOptions = Pick<
  Options<Fields, string, string>,
  'key' | 'namedBy' | 'table' | 'entity' | 'place' | 'search' | 'errors'
> & {
  fields: Fields;
};

function field(fields: Fields, name: string) {
  const found = fields[name];
  if (!found) throw new Error(`There is no field "${name}"; there are ${Object.keys(fields).join(', ')}.`);
  return found;
}

const namedByOf = ({ namedBy, key }: AnyOptions) => namedBy ?? (key.at(-1) as string);

/** The fields, of which the name is refused where it is digits alone: those are taken for an id wherever a record may be named. */
function namedFields(options: AnyOptions): Fields {
  const { fields } = options;
  const name = namedByOf(options);
  const own = field(fields, name);
  // Where it takes more to tell records apart, digits are as good a name as any: port 7 of a switch.
  if (options.key.length > 1 || !(own.body instanceof z.ZodString)) return fields;
  const body = own.body.regex(/^(?!\d+$)/, 'A name of digits alone would be taken for an id');
  return { ...fields, [name]: { ...own, body } };
}

function modelOf(
  { table, entity, key, place, search }: AnyOptions,
  typeName: string,
  fields: Fields,
  targetOf: (name: string) => Target,
): ModelDefinition {
  // Messages of Sequelize and the panel call a model by its class.
  const named = { [typeName]: class extends Model {} }[typeName] as typeof Model & (new () => Model);
  const columns = Object.entries(fields).flatMap(([name, each]) => {
    if (!each.column) return [];
    return [
      [name, isReference(each) ? { ...each.column, ...referenceColumn(targetOf(name).table) } : each.column],
    ];
  });
  const derived = Object.keys(fields).filter((name) => fields[name]?.presence === 'derived');
  return defineModel(named, {
    table,
    entity,
    key: key as never,
    derived: derived as never,
    columns: { id: idColumn, ...Object.fromEntries(columns), ...commonColumns },
    ...(place === undefined ? {} : { place }),
    ...(search === undefined ? {} : { search: search as never }),
  });
}

function constraintsOf(
  options: AnyOptions,
  [one, many]: readonly [string, string],
  fields: Fields,
  targetOf: (name: string) => Target,
): ConstraintTable {
  const { table, errors = {}, key } = options;
  const name = namedByOf(options);
  const made: Record<string, ConstraintTable[string]> = {};
  if (errors.taken && key.length === 1) {
    made[`${table}_${name}_key`] = {
      problem: errors.taken,
      say: () => `There is ${/^[aeiou]/i.test(one) ? 'an' : 'a'} ${one} of this ${name}; choose another.`,
    };
  }
  for (const [reference, each] of Object.entries(fields)) {
    if (!isReference(each)) continue;
    const { nouns, inUse = kernelErrors.conflict } = targetOf(reference);
    made[`${table}_${nameOf(reference)}_fkey`] = {
      problem: inUse,
      // The constraint speaks in both directions; a trigger that speaks in its name says all itself.
      say: ({ message, detail }) => {
        if (detail === undefined) return message;
        return detail.includes('is not present')
          ? `The ${nouns[0]} has just been deleted.`
          : `Some ${many} refer to this ${nouns[0]}; give them another first, or none.`;
      },
    };
  }
  return made;
}
