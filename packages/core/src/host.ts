import type { Credential, CredentialOptions } from "./credentials.ts";
import type { Log } from "./log.ts";
import type { Redactor } from "./redact.ts";
import type { ListKind } from "./server.ts";

/** What the process gives a server while it connects: nothing here has touched the network. */
export interface Host {
  readonly log: Log;
  readonly redactor: Redactor;
  readonly env: NodeJS.ProcessEnv;
  /** The folder for this server's state; made on first use by whoever writes. */
  readonly stateDir: string;
  /**
   * The secret behind a variable, its `_FILE` or its `_COMMAND`; else what `fallback` has (a stored login). With `from`, an
   * entry of the configuration file that has `secretMembers`: `credential("accounts.acme.token", { from: accounts.acme })`.
   */
  credential(variable: string, more?: Pick<CredentialOptions, "fallback" | "from">): Credential;
  /** Tells clients that a list has changed; only lists that the definition names in `changingLists`. */
  readonly notify: { toolsChanged(): void; resourcesChanged(): void; promptsChanged(): void };
}

/** One finding of `--check`. */
export interface CheckLine {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** A notifier that is wired once the server is prepared. */
export interface LateNotifier {
  readonly notify: Host["notify"];
  connect(announce: (kind: ListKind) => void): void;
}

/** Servers get their notifier before there is anybody to notify. */
export function lateNotifier(): LateNotifier {
  let announce: (kind: ListKind) => void = () => {};
  return {
    notify: {
      toolsChanged: () => announce("tools"),
      resourcesChanged: () => announce("resources"),
      promptsChanged: () => announce("prompts"),
    },
    connect(to) {
      announce = to;
    },
  };
}
