/** One sub-command of `mooring-testing`; each stands in a file of its own and is loaded when it is asked for. */
export interface Command {
  /** What stands after the name in `--help`: `[--format text|json|junit] -- <command>`. */
  readonly usage: string;
  /** What `<command> --help` prints below the usage line. */
  readonly help: string;
  /** @returns the exit status: 0 done, 1 a problem was found, 2 wrong use */
  run(args: readonly string[]): Promise<number>;
}

/** Wrong use: its message is printed with the usage line, and the status is 2. */
export class UsageError extends Error {}
