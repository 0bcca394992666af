import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createJournal, type Journal, type JournalOptions } from "../../src/journal/journal.ts";
import { createSandbox } from "../../src/sandbox/create.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";

/** A fresh directory with `root`, which is allowed, and `state`, which is not. */
export interface Fixture extends Disposable {
  readonly base: string;
  readonly root: string;
  readonly stateDir: string;
  readonly sandbox: Sandbox;
  readonly journal: Journal;
  /** Another server on the same folders; `directories` instead of `root`. */
  restart(options?: Partial<JournalOptions> & { readonly directories?: readonly string[] }): {
    sandbox: Sandbox;
    journal: Journal;
  };
}

export function fixture({
  mode,
  ...options
}: Partial<JournalOptions> & { readonly mode?: Sandbox["mode"] } = {}): Fixture {
  const base = mkdtempSync(join(realpathSync(tmpdir()), "mooring-journal-"));
  const root = join(base, "root");
  const stateDir = join(base, "state");
  mkdirSync(root);
  const sandboxes: Sandbox[] = [];
  const start: Fixture["restart"] = ({ directories = [root], ...more } = {}) => {
    const sandbox = more.sandbox ?? createSandbox({ directories, ...(mode && { mode }) });
    if (!more.sandbox) sandboxes.push(sandbox);
    return { sandbox, journal: createJournal({ stateDir, ...options, ...more, sandbox }) };
  };
  return {
    base,
    root,
    stateDir,
    ...start(),
    restart: start,
    [Symbol.dispose]() {
      for (const sandbox of sandboxes) sandbox.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
