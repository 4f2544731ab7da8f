import { permissionFor, type RegisteredModel, type Registry, type SearchFact } from '#core';

/** What Sequelize keeps of a column; its own types are generic over the model. */
interface Attribute {
  field?: string;
  type: { key?: string };
  references?: string | { model?: string | { tableName: string } };
}

/** A column that is searched or shown: its name on the wire, as SQL, and its type. */
export interface Column {
  readonly name: string;
  readonly sql: string;
  readonly type: string;
  /** The table of what it refers to. */
  readonly refersTo: string | undefined;
}

type Kind = 'network' | 'run' | 'text' | 'exact' | 'notes' | 'mac' | 'number';

/** A model that says how its records are found, with its columns as SQL. */
export interface Searched extends Readonly<Record<Kind, readonly Column[]>> {
  readonly entity: string;
  readonly table: string;
  readonly title: readonly Column[];
  readonly context: readonly Column[];
  /** The column of labels, where records are found by them. */
  readonly tags: Column | undefined;
  /** Who may read it; undefined: admins alone. */
  readonly permission: string | undefined;
  /** The path of one record below the base of the API, without its id; undefined where there is none. */
  readonly collection: string | undefined;
}

/** What a record belongs to: the column that says it, and the title of what it refers to. */
export interface Holder {
  readonly column: Column;
  readonly table: string;
  readonly title: Column;
}

/** What the records of a model belong to, of the models that are known. */
export function holdersOf({ context }: Searched, known: readonly Searched[]): Holder[] {
  return context.flatMap((column) => {
    const title = known.find(({ table }) => table === column.refersTo)?.title[0];
    return title && column.refersTo ? [{ column, table: column.refersTo, title }] : [];
  });
}

/** A name as SQL. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The models of the registry that say how they are found, in the order of the plugins. Throws where one would tell a secret. */
export function searchedModels(registry: Registry): Searched[] {
  return registry.models.flatMap((model) => {
    const { search } = model.definition;
    return search ? [searchedModel(model, search, registry)] : [];
  });
}

function searchedModel(model: RegisteredModel, fact: SearchFact, registry: Registry): Searched {
  const { definition, admin } = model;
  const attributes = (
    model.model as unknown as { getAttributes(): Record<string, Attribute> }
  ).getAttributes();
  const secret = definition.secret as readonly string[];

  function columns(names: string | readonly string[] = []): Column[] {
    return [names].flat().map((name) => {
      const attribute = attributes[name];
      if (!attribute || secret.includes(name))
        throw new Error(`${definition.entity} cannot be searched by ${name}: it is secret, or no column.`);
      return {
        name,
        sql: quoted(attribute.field ?? name),
        type: attribute.type.key ?? '',
        refersTo: tableOf(attribute),
      };
    });
  }

  const { rest } = admin ?? {};
  const serves = (path: string) =>
    registry.routes.some((route) => route.method === 'get' && route.path === path);
  return {
    entity: definition.entity,
    table: quoted(definition.table),
    title: columns(fact.title),
    context: columns(fact.context),
    network: columns(fact.network),
    run: columns(fact.run),
    text: columns(fact.text),
    exact: columns(fact.exact),
    notes: columns(fact.notes),
    mac: columns(fact.mac),
    number: columns(fact.number),
    tags: fact.tags ? columns('tags')[0] : undefined,
    permission: permissionFor(model, 'read', registry),
    collection: rest !== undefined && serves(`${rest}/{id}`) ? rest : undefined,
  };
}

function tableOf({ references }: Attribute): string | undefined {
  const model = typeof references === 'string' ? references : references?.model;
  const name = typeof model === 'object' ? model.tableName : model;
  return name === undefined ? undefined : quoted(name);
}
