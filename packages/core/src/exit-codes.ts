/** What a server's exit status means. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** The command line, a variable or the configuration file. */
  usage: 2,
  /** `--check` found a problem. */
  check: 3,
} as const;
