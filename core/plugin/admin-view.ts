/** How the generated panel shows a model; its columns are checked against the model. */
export interface AdminView<Column extends string> {
  /** The column that names a record. */
  title?: Column;
  list?: readonly Column[];
  show?: readonly Column[];
  edit?: readonly Column[];
  filter?: readonly Column[];
  /** What a person reads instead of the column's name; left out, it is taken apart into words. */
  labels?: { readonly [C in Column]?: string };
  group?: string;
  icon?: string;
  /** The REST collection that serves these records (`/subnets`): the panel asks for its permissions and writes through it. */
  rest?: `/${string}`;
  /** For records without a REST collection: the permissions to see and to change them; left out, admins alone may. */
  read?: string;
  write?: string;
}
