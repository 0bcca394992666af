import { spawnSync } from "node:child_process";
import { CompareError } from "./compare-error.ts";

/** A repository, asked from one folder in it; paths are relative to that folder. */
export interface Git {
  /** Of the repository. */
  readonly top: string;
  /** Whether the folder is the repository's own. */
  readonly isTop: boolean;
  /** History was cut off, and with it perhaps the tags of releases. */
  readonly isShallow: boolean;
  /** Tags whose commits the checked-out one builds on; none before the first commit. */
  tags(): string[];
  /** Whether there is such a commit. */
  has(ref: string): boolean;
  /** The text of a file at a commit; `undefined` when it is not there. */
  show(ref: string, path: string): string | undefined;
  /** The names of the files in a folder at a commit. */
  list(ref: string, folder: string): string[];
}

/** @throws CompareError without git, and for a folder that is in no repository */
export function openGit(folder: string): Git {
  const where = run(folder, ["rev-parse", "--show-toplevel", "--is-shallow-repository", "--show-prefix"]);
  if (where.status !== 0) throw new CompareError(whyNot(folder, where.stderr));
  const [top = "", shallow, prefix = ""] = where.stdout.split("\n");
  const has = (ref: string) => run(folder, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]).status === 0;
  return {
    top,
    isTop: prefix === "",
    isShallow: shallow === "true",
    tags: () => (has("HEAD") ? lines(run(folder, ["tag", "--merged", "HEAD"]).stdout, "\n") : []),
    // What looks like an option is none of git's.
    has: (ref) => !ref.startsWith("-") && has(ref),
    show(ref, path) {
      const { status, stdout } = run(folder, ["show", `${ref}:./${path}`]);
      return status === 0 ? stdout : undefined;
    },
    list: (ref, inner) =>
      lines(run(folder, ["ls-tree", "-z", "--name-only", ref, `${inner}/`]).stdout, "\0").map((path) =>
        path.slice(inner.length + 1),
      ),
  };
}

// What a hook of another repository has set would lead there.
const REDIRECTS = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"];

function run(cwd: string, args: readonly string[]) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !REDIRECTS.includes(name)));
  const { error, status, stdout, stderr } = spawnSync("git", args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...env, LC_ALL: "C" },
  });
  if (error && (error as NodeJS.ErrnoException).code === "ENOENT")
    throw new CompareError(`git cannot be started in ${cwd}: install git, or name a folder that is there.`);
  if (error) throw new CompareError(`git failed: ${error.message}.`);
  return { status, stdout, stderr };
}

function whyNot(folder: string, stderr: string): string {
  const [first = ""] = stderr.trim().split("\n");
  if (/not a git repository/i.test(first))
    return `${folder} is in no git repository, so there is no release to compare with: run this in a clone.`;
  return `git cannot read the repository of ${folder}: ${first.replace(/^fatal: /, "")}`;
}

function lines(text: string, end: string): string[] {
  return text.split(end).filter((line) => line !== "");
}
