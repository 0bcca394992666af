import type { Policy } from "../policy.ts";

/** What PostgreSQL says of a statement that it refuses. */
export interface Failure {
  readonly state: string;
  /** PostgreSQL's own words, one line each; foreign text. */
  readonly words: readonly string[];
}

/** As far as the driver's `DatabaseError` is read. */
interface Answer {
  readonly code?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

/** Whether it is an answer of PostgreSQL to a statement, rather than a connection that broke or a call that ended. */
export function isAnswer(error: unknown): boolean {
  const { code = "" } = Object(error) as Answer;
  return error instanceof Error && /^[0-9A-Z]{5}$/.test(code) && /^(?!08|57P|E[A-Z]{4})/.test(code);
}

/** Classes whose words quote values of rows: data exceptions, constraints, what functions raise, views with a check. */
const quoting = /^(22|23|44|P0)/;

/** With masked columns in the database the words stay away where they may quote a row. */
export function failureOf(error: unknown, policy: Policy): Failure {
  const { code = "", message = "", detail, hint, constraint, table, column } = Object(error) as Answer;
  if (policy.mask.length > 0 && quoting.test(code)) {
    const where = [constraint && `constraint ${constraint}`, table && `table ${table}`, column && `column ${column}`];
    return {
      state: code,
      words: [
        "PostgreSQL's words are left out: columns are masked.",
        ...where.filter((each) => each !== undefined && each !== ""),
      ] as string[],
    };
  }
  return {
    state: code,
    words: [message, detail, hint].flatMap((each) => each?.split(/\r?\n/) ?? []).filter((line) => line !== ""),
  };
}
