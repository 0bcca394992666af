/** Kernel watches are scarce and shared by a whole user account: every one is counted. */
export interface WatchBudget {
  /** Takes one; `false` when the cap is reached or the kernel has refused. */
  take(): boolean;
  give(): void;
  /** The kernel refused one: said once in the log. */
  refused(code: string): void;
}

const EXHAUSTED: ReadonlySet<string> = new Set(["ENOSPC", "EMFILE", "ENFILE"]);

/** The code of an error by which the kernel says that it has no watch left. */
export function exhausted(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return EXHAUSTED.has(code) ? code : undefined;
}

export function createBudget(max: number, warn: (message: string) => void): WatchBudget {
  let used = 0;
  const said = new Set<string>();
  const say = (key: string, message: string) => {
    if (said.has(key)) return;
    said.add(key);
    warn(message);
  };
  return {
    take() {
      if (used >= max) {
        say(
          "cap",
          `All ${max} watches of --max-watches are in use; further files and directories are polled every 2 s.`,
        );
        return false;
      }
      used++;
      return true;
    },
    give: () => void used--,
    refused: (code) =>
      say(code, `The system has no file watch left (${code}); files and directories without one are polled every 2 s.`),
  };
}
