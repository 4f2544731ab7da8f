/** Why a query was refused: the sentence names the column, the code is stable. */
export class QueryRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Refuses a query at a column, counted from 1. */
export function refuse(column: number, code: string, why: string): never {
  throw new QueryRefusal(code, `q, column ${column}: ${why}`);
}
