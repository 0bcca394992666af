/**
 * Names that usually hold secrets, refused whatever the access level until the operator lifts them with `--allow GLOB`.
 * Matched without regard to case: some file systems open `.ENV` as `.env`.
 */

type Action = "read" | "write" | "move";

// A pattern is matched against each run of components: `x` anywhere, and everything below what it matches.
const SECRETS = [
  ".env",
  ".env.*",
  ".envrc",
  "*.pem",
  "id_rsa*",
  "id_dsa*",
  "id_ecdsa*",
  "id_ed25519*",
  ".ssh",
  ".npmrc",
  ".netrc",
  ".pgpass",
  ".git-credentials",
  ".aws/credentials",
  // What changes replaced lies there, secrets included (the state folder, where a shared home directory holds it).
  "mooring/filesystem/journal",
];
const NOT_WRITTEN = [".git/hooks"];
const HARMLESS = [".env.example", ".env.sample", ".env.template", "id_*.pub"];

export interface DenyPolicy {
  /** The pattern that refuses this place, or `undefined`. `move` also refuses renaming what a pattern starts with. */
  refuses(components: readonly string[], action: Action): string | undefined;
  /** False when nothing can refuse the path (names joined by `/`): a quick answer for walks. */
  mayRefuse(path: string): boolean;
}

/**
 * `allow`: globs (`*` within a name, `**` across names) that lift the rules; one without a slash matches a name
 * anywhere, one with a slash is matched from the root or from any directory below it.
 */
export function denyPolicy(allow: readonly string[]): DenyPolicy {
  const secrets = SECRETS.map(compile);
  const notWritten = NOT_WRITTEN.map(compile);
  const harmless = HARMLESS.map(compile);
  const lifted = allow.map(compile);
  // Almost no path matches anything: one test of the whole path answers for those.
  const suspicious = /(?:^|\/)(?:\.env|\.ssh|\.npmrc|\.netrc|\.pgpass|\.git|\.aws|id_|mooring)|\.pem(?:\/|$)/i;
  return {
    mayRefuse: (path) => suspicious.test(path),
    refuses(components, action) {
      const path = components.join("/");
      if (!suspicious.test(path)) return undefined;
      const rules = action === "read" ? secrets : [...secrets, ...notWritten];
      for (const rule of rules) {
        const length = matches(rule, components, action === "move");
        if (length === 0) continue;
        const named = components.slice(0, length);
        if (harmless.some((pattern) => matches(pattern, named, false) === length)) continue;
        if (lifted.some((pattern) => matches(pattern, components, action === "move") > 0)) continue;
        return rule.glob;
      }
      return undefined;
    },
  };
}

interface Pattern {
  readonly glob: string;
  readonly names: readonly RegExp[];
  readonly deep: RegExp | undefined;
}

function compile(glob: string): Pattern {
  const trimmed = glob.replace(/^\/+|\/+$/g, "");
  const deep = trimmed.includes("**") ? new RegExp(`^(?:.*/)?${source(trimmed)}(?:/.*)?$`, "i") : undefined;
  return { glob, deep, names: trimmed.split("/").map((name) => new RegExp(`^${source(name)}$`, "i")) };
}

// Linear by construction: the only repetition in one name is `[^/]*`, and globs are short.
function source(glob: string): string {
  return glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("**/", "\0")
    .replaceAll("**", "\u0001")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]")
    .replaceAll("\0", "(?:.*/)?")
    .replaceAll("\u0001", ".*");
}

// How many leading components the match reaches to, or 0. With `start`, a path that ends inside the pattern matches too.
function matches(pattern: Pattern, components: readonly string[], start: boolean): number {
  if (pattern.deep) return pattern.deep.test(components.join("/")) ? components.length : 0;
  for (let from = 0; from < components.length; from += 1) {
    const rest = components.length - from;
    if (rest < pattern.names.length && !start) return 0;
    const length = Math.min(rest, pattern.names.length);
    let all = true;
    for (let index = 0; index < length && all; index += 1)
      all = (pattern.names[index] as RegExp).test(components[from + index] as string);
    if (all) return from + length;
  }
  return 0;
}
