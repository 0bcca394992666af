/**
 * Names that usually hold secrets, refused whatever the access level until the operator lifts them with `--allow GLOB`.
 * Matched as the most forgiving file system would: without regard to case, compatible and invisible characters, final dots.
 */

type Action = "read" | "write";

// A pattern is matched against each run of components: `x` anywhere, and everything below what it matches.
const SECRETS = [
  ".env",
  ".env*",
  "*.pem",
  "*.p12",
  "*.pfx",
  "id_rsa*",
  "id_dsa*",
  "id_ecdsa*",
  "id_ed25519*",
  ".ssh",
  ".gnupg",
  ".npmrc",
  ".pypirc",
  ".netrc",
  ".pgpass",
  ".git-credentials",
  ".aws/credentials",
  ".kube/config",
  ".docker/config.json",
  ".config/gh",
  ".config/gcloud",
];
const HARMLESS = [".env.example", ".env.sample", ".env.template", ".env.dist", "id_*.pub"];
// What git runs, or reads to know what to run.
const NOT_WRITTEN = [".git/hooks", ".git/config", ".git/modules"];
// What servers of this family keep where a shared home directory holds it: tokens, and what changes replaced.
const OWN = [
  ".local/state/mooring",
  "Application Support/mooring",
  "AppData/Local/mooring",
  "mooring/filesystem/journal",
  "mooring/github/tokens",
  "mooring/slack/tokens",
];

export interface Refusal {
  readonly pattern: string;
  /** Whether `--allow` can lift it. */
  readonly liftable: boolean;
}

export interface DenyPolicy {
  /** Why this place is refused, or `undefined`. */
  refuses(components: readonly string[], action: Action): Refusal | undefined;
  /** Refusals of what might lie below this place, with its names from there: what a directory must not hold to be renamed so. */
  refusesBelow(components: readonly string[]): readonly (Refusal & { readonly names: readonly string[] })[];
  /** False when nothing can refuse the path (names joined by `/`): a quick answer for walks. */
  mayRefuse(path: string): boolean;
}

/**
 * `allow`: globs (`*` within a name, `**` across names) that lift the rules; one without a slash matches a name
 * anywhere, one with a slash is matched from the root or from any directory below it.
 */
export function denyPolicy(allow: readonly string[]): DenyPolicy {
  const own = OWN.map(compile);
  const secrets = [...own, ...SECRETS.map(compile)];
  const all = [...secrets, ...NOT_WRITTEN.map(compile)];
  const harmless = HARMLESS.map(compile);
  const lifted = allow.map(compile);
  const suspicious = beginningOf(all);
  const mayRefuse = (path: string) => suspicious.test(isAscii(path) ? path : folded(path));

  function check(rule: Pattern, names: readonly string[]): Refusal | undefined {
    const liftable = !own.includes(rule);
    for (const end of endsOf(rule, names)) {
      const named = names.slice(0, end);
      if (harmless.some((pattern) => endsOf(pattern, named).includes(end))) continue;
      if (liftable && lifted.some((pattern) => endsOf(pattern, names).length > 0)) continue;
      return { pattern: rule.glob, liftable };
    }
    return undefined;
  }

  return {
    mayRefuse,
    refuses(components, action) {
      // Almost no path matches anything: one test of the whole path answers for those.
      if (!mayRefuse(components.join("/"))) return undefined;
      const names = components.map(folded);
      for (const rule of action === "read" ? secrets : all) {
        const refusal = check(rule, names);
        if (refusal) return refusal;
      }
      return undefined;
    },
    refusesBelow(components) {
      if (!mayRefuse(components.join("/"))) return [];
      const names = components.map(folded);
      return all.flatMap((rule) =>
        restsOf(rule, names).flatMap((rest) => {
          const refusal = check(rule, [...names, ...rest]);
          return refusal ? [{ ...refusal, names: rest }] : [];
        }),
      );
    },
  };
}

interface Pattern {
  readonly glob: string;
  readonly texts: readonly string[];
  readonly names: readonly RegExp[];
  readonly deep: RegExp | undefined;
}

function compile(glob: string): Pattern {
  const trimmed = glob.replace(/^\/+|\/+$/g, "");
  const deep = trimmed.includes("**") ? new RegExp(`^(?:.*/)?${source(trimmed)}(?:/.*)?$`, "i") : undefined;
  const texts = trimmed.split("/");
  return { glob, deep, texts, names: texts.map((name) => new RegExp(`^${source(name)}$`, "i")) };
}

// Linear by construction: the only repetition in one name is `[^/]*`, and globs are short.
function source(glob: string): string {
  return escaped(glob)
    .replaceAll("\\*\\*/", "(?:.*/)?")
    .replaceAll("\\*\\*", ".*")
    .replaceAll("\\*", "[^/]*")
    .replaceAll("\\?", "[^/]");
}

function escaped(text: string): string {
  return text.replace(/[.*?+^${}()|[\]\\]/g, "\\$&");
}

// How patterns begin, or end where they begin with a star.
function beginningOf(patterns: readonly Pattern[]): RegExp {
  const heads = new Set<string>();
  const tails = new Set<string>();
  for (const { texts } of patterns) {
    const [first = ""] = texts;
    if (first.startsWith("*")) tails.add(escaped(first.slice(1)));
    else heads.add(escaped(/^[^*?]*/.exec(first)?.[0] ?? ""));
  }
  return new RegExp(`(?:^|/)(?:${[...heads].join("|")})|(?:${[...tails].join("|")})[. ]*(?:/|$)`, "i");
}

/** How many leading names each match reaches to. */
function endsOf({ deep, names: tests }: Pattern, names: readonly string[]): number[] {
  if (deep) return deep.test(names.join("/")) ? [names.length] : [];
  const ends: number[] = [];
  for (let from = 0; from + tests.length <= names.length; from += 1)
    if (tests.every((test, index) => test.test(names[from + index] as string))) ends.push(from + tests.length);
  return ends;
}

/** What is missing behind names that end inside the pattern. */
function restsOf({ texts, names: tests }: Pattern, names: readonly string[]): (readonly string[])[] {
  const rests: (readonly string[])[] = [];
  for (let length = 1; length < tests.length && length <= names.length; length += 1) {
    const last = names.slice(-length);
    if (last.every((name, index) => (tests[index] as RegExp).test(name))) rests.push(texts.slice(length));
  }
  return rests;
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return /^[\u0000-\u007f]*$/.test(text);
}

// What some file systems take for the same name: FAT drops final dots and spaces, ext4 with casefold and APFS fold characters.
function folded(name: string): string {
  const plain = isAscii(name) ? name : name.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  return /[. ]$/.test(plain) ? plain.replace(/[. ]+$/, "") : plain;
}
