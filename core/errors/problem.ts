/** One field that failed validation: where it is (`body.cidr`), a stable code and a sentence for a person. */
export interface FieldError {
  path: string;
  code: string;
  message: string;
}

interface ProblemEntry {
  code: string;
  status: number;
  title: string;
}

interface ProblemExtras {
  /** Every field that failed, not the first. */
  errors?: FieldError[];
  /** Response headers, such as Retry-After. */
  headers?: Record<string, string>;
  /** Further members of the problem body (RFC 9457, section 3.2). */
  members?: Record<string, unknown>;
}

/** An error that is meant for the client; anything else that is thrown is a fault of ours and answers 500. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;
  readonly members: Record<string, unknown>;

  constructor(entry: ProblemEntry, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.name = 'Problem';
    this.code = entry.code;
    this.status = entry.status;
    this.title = entry.title;
    this.errors = extras.errors;
    this.headers = extras.headers ?? {};
    this.members = extras.members ?? {};
  }
}

/** Makes one kind of problem; carries its own table row, so that a route can list it under `throws`. */
export interface ProblemKind extends ProblemEntry {
  (detail: string, extras?: ProblemExtras): Problem;
}

/** Turns a table of errors into functions that make them: `throw errors.addressTaken('10.0.0.1 is held by core-1')`. */
export function defineErrors<const Table extends Record<string, ProblemEntry>>(
  table: Table,
): { readonly [Key in keyof Table]: ProblemKind } {
  const kinds = Object.entries(table).map(([key, entry]) => {
    const make = (detail: string, extras?: ProblemExtras) => new Problem(entry, detail, extras);
    return [key, Object.freeze(Object.assign(make, entry))];
  });
  return Object.freeze(Object.fromEntries(kinds));
}
