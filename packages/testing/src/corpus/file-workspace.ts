import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expandVariables, NotApplicable, type Variables } from "./case.ts";

/** Fresh directories of one case. */
export interface Workspace {
  readonly variables: Variables;
  readonly base: string;
  readonly root: string;
  readonly home: string;
  readonly stateDir: string;
  /** Replaces the variables in a text. */
  expand(text: string): string;
  /** Runs a command in the base; the exit code and what it said. Throws `NotApplicable` when a program is missing. */
  shell(command: string): Promise<{ readonly code: number; readonly said: string }>;
  [Symbol.dispose](): void;
}

export function openWorkspace(id: string): Workspace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "corpus-")));
  const at = (name: string) => join(base, name);
  for (const name of ["root", "root2", "outside", "home", "state"]) mkdirSync(at(name));
  chmodSync(at("state"), 0o700);
  writeFileSync(at("root/ok.txt"), "ok-content\n");
  writeFileSync(at("outside/secret.txt"), "TOPSECRET\n");
  writeFileSync(at("home/.bashrc"), "TOPSECRET\n");
  const shm = elsewhere(base, id);
  const variables: Variables = {
    BASE: base,
    ROOT: at("root"),
    ROOT2: at("root2"),
    OUT: at("outside"),
    ROOT_UPPER: at("root").toUpperCase(),
    ...(shm === undefined ? {} : { SHM: shm }),
  };
  const expand = (text: string) => {
    if (shm === undefined && /\$\{?SHM\b/.test(text)) throw new NotApplicable("needs a second file system");
    return expandVariables(text, variables);
  };
  return {
    variables,
    base,
    root: at("root"),
    home: at("home"),
    stateDir: at("state"),
    expand,
    shell: (command) => shell(expand(command), base, variables),
    [Symbol.dispose]() {
      for (const folder of [base, shm]) if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** A fresh directory on another file system, where there is one. */
function elsewhere(base: string, id: string): string | undefined {
  for (const folder of ["/dev/shm", "/run/shm", "/var/tmp"]) {
    try {
      if (statSync(folder).dev === statSync(base).dev) continue;
      return mkdtempSync(join(folder, `${id}-`));
    } catch {
      // not there or not ours: the next one
    }
  }
  return undefined;
}

function shell(command: string, base: string, variables: Variables): Promise<{ code: number; said: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...variables, LC_ALL: "C.UTF-8" };
    const child = execFile("bash", ["-c", command], { cwd: base, env, timeout: 60_000 }, (error, stdout, stderr) => {
      const missing = /(\S+): command not found/.exec(stderr)?.[1];
      if (child.exitCode === 127 && missing) return reject(new NotApplicable(`needs the program ${missing}`));
      if (error && child.exitCode === null) return reject(new Error(`bash: ${error.message}`));
      resolve({ code: child.exitCode ?? 1, said: (stderr + stdout).trim().slice(0, 400) });
    });
    child.stdin?.end();
  });
}
