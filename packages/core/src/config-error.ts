/** Problems a person can fix before a start; printed without a stack, exit status 2. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.length === 1 ? (problems[0] as string) : problems.map((p) => `  ${p}`).join("\n"), options);
    this.problems = problems;
  }
}
