/** What is wrong with a query. Crosses from the worker, which does not load core; the engine makes it `invalid_input`. */
export class QueryProblem extends Error {
  override readonly name = "QueryProblem";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
