import type { CellKind } from './dashboard.ts';
import type { RecordAction, ShownRow } from './record-actions.ts';

/** One line of a comparison: what stands on either side, and whether that contradicts. */
export interface ComparedLine {
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly differs: boolean;
}

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
  /** Records of one value come before all others, however the list is ordered: `{ column: 'state', value: 'open' }`. */
  foremost?: { readonly column: Column; readonly value: string };
  /** Columns that are filtered by the whole value, where a part would be looked for too long. */
  exact?: readonly Column[];
  /** Columns of JSON lists of `{ start, end }`, whole numbers: they stand there, and are typed, as `100-199, 300`. */
  runs?: readonly Column[];
  /** Columns that hold a colour as `#rrggbb`: shown as such, and chosen from a palette. */
  colors?: readonly Column[];
  /**
   * Two columns of JSON objects that a record's page shows side by side, where they differ, in the place of `after`. With `lines`, it
   * shows those instead, under `heads`.
   */
  compare?: {
    readonly before: Column;
    readonly after: Column;
    readonly heads?: readonly [string, string];
    lines?(record: ShownRow): readonly ComparedLine[];
  };
  /** Columns of JSON lists of objects that are shown as tables; `key` leads into an object by dots: `observed.mac`. */
  tables?: { readonly [C in Column]?: readonly { key: string; label: string; as?: CellKind }[] };
  /** Moments that are told as how long ago they were, or how long it took from them to the other column's moment where that has come. */
  spans?: { readonly [C in Column]?: Column };
  /** How far something is that takes its time: a bar on its record's page, which follows a stream of the plugin's. */
  progress?: {
    readonly done: Column;
    readonly total: Column;
    /** The moment at which it ended; null until then. */
    readonly ended: Column;
    /** Shown beside the bar. */
    readonly counts?: readonly Column[];
    /** The path of a route made by `stream`, with `{id}`: each of its events has the page read the record again. */
    readonly follow: `/${string}`;
  };
  /** Its records tell what became of others: these columns name whose (as models' `entity`, and the id), and pages of those lead here. */
  historyOf?: { readonly entity: Column; readonly id: Column };
  /** What a person reads instead of the column's name; left out, it is taken apart into words. */
  labels?: { readonly [C in Column]?: string };
  group?: string;
  icon?: string;
  /** The REST collection that serves these records (`/subnets`): the panel asks for its permissions and writes through it. */
  rest?: `/${string}`;
  /** Buttons on a record's page, by names of their own. */
  actions?: Readonly<Record<string, RecordAction>>;
  /** For records without a REST collection: the permissions to see and to change them; left out, admins alone may. */
  read?: string;
  write?: string;
}
