/** How the generated panel shows a model; its columns are checked against the model. */
export interface AdminView<Column extends string> {
  /** The column that names a record. */
  title?: Column;
  /** What is told with the title in brackets, and found with it, where many records have the same: `Servers (oslo/100)`. */
  beside?: readonly Column[];
  list?: readonly Column[];
  show?: readonly Column[];
  edit?: readonly Column[];
  filter?: readonly Column[];
  /** How a list is ordered at first, `-` for descending, and the only column that it is ordered by; left out, by the title or any. */
  order?: Column | `-${Column}`;
  /** Columns that are filtered by the whole value, where a part would be looked for too long. */
  exact?: readonly Column[];
  /** Columns of JSON lists of `{ start, end }`, whole numbers: they stand there, and are typed, as `100-199, 300`. */
  runs?: readonly Column[];
  /** Columns that hold a colour as `#rrggbb`: shown as such, and chosen from a palette. */
  colors?: readonly Column[];
  /** Two columns of JSON objects that a record's page shows side by side, where they differ, in the place of `after`. */
  compare?: { readonly before: Column; readonly after: Column };
  /** Its records tell what became of others: these columns name whose (as models' `entity`, and the id), and pages of those lead here. */
  historyOf?: { readonly entity: Column; readonly id: Column };
  /** What a person reads instead of the column's name; left out, it is taken apart into words. */
  labels?: { readonly [C in Column]?: string };
  group?: string;
  icon?: string;
  /** The REST collection that serves these records (`/subnets`): the panel asks for its permissions and writes through it. */
  rest?: `/${string}`;
  /** Buttons on a record's page, by names of their own: each calls a POST of a route with `{id}`, without a body, and says when it is done. */
  actions?: Readonly<Record<string, { label: string; icon: string; post: `/${string}`; done: string }>>;
  /** For records without a REST collection: the permissions to see and to change them; left out, admins alone may. */
  read?: string;
  write?: string;
}
