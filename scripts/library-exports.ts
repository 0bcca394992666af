// What a library of this workspace exports, by the text of its entry files: of any commit, where nothing is built.
import { posix } from "node:path";

/** `.: value defineServer`, `./docs: type Budget`: the export names of every subpath, with what each is. */
export type Exports = ReadonlySet<string>;

interface Manifest {
  readonly exports?: Readonly<Record<string, string | { readonly default?: string }>>;
}

/**
 * Reads package.json and the entry files in src/ that its subpaths were built from.
 * @param read the text of a file of the package; `undefined` when it is not there
 * @throws Error for an entry that is missing, and for a form of export that is not understood
 */
export function libraryExports(read: (path: string) => string | undefined): Exports {
  const manifest = JSON.parse(read("package.json") ?? "{}") as Manifest;
  const found = new Set<string>();
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    const file = typeof target === "string" ? target : target.default;
    if (!file?.endsWith(".js")) continue;
    found.add(subpath);
    const entry = file.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");
    for (const name of namesIn(entry, read)) found.add(`${subpath}: ${name}`);
  }
  return found;
}

const DECLARATION =
  /^(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(const|let|function|class|enum|interface|type)\s+(\w+)/;

function namesIn(file: string, read: (path: string) => string | undefined): string[] {
  const source = read(file);
  if (source === undefined) throw new Error(`${file} is not there, but package.json exports it.`);
  const text = source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const names: string[] = [];
  for (const [statement, rest = ""] of text.matchAll(/^export\s+([^]*?)(?=[;({=<]|\s+(?:extends|implements)\b|$)/gm)) {
    const [, declared, name] = DECLARATION.exec(rest) ?? [];
    const [, star] = /^\*\s+from\s+"(\.[^"]+)"$/.exec(rest.trim()) ?? [];
    if (name !== undefined) names.push(`${declared === "interface" || declared === "type" ? "type" : "value"} ${name}`);
    else if (star !== undefined) names.push(...namesIn(posix.join(posix.dirname(file), star), read));
    // Lists are read below, whole.
    else if (!/^(?:type)?$/.test(rest.trim()))
      throw new Error(
        `${file}: "${statement.trim()}" is an export of a form that scripts/library-exports.ts does not know.`,
      );
  }
  for (const [, type, list = ""] of text.matchAll(/^export\s+(type\s+)?\{([^}]*)\}/gm))
    for (const part of list
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "")) {
      const [, own, name] = /^(type\s+)?(?:\S+\s+as\s+)?(\w+)$/.exec(part) ?? [];
      names.push(`${type || own ? "type" : "value"} ${name ?? part}`);
    }
  return names;
}
