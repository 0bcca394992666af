import { readFileSync } from "node:fs";

/** The names that an entry file exports, as its text says, in order; types with their keyword before them. */
export function exported(entry: string): string[] {
  const source = readFileSync(new URL(`../../src/${entry}.ts`, import.meta.url), "utf8");
  const text = source.replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
  if (/export (?:\*|default)/.test(text)) throw new Error(`${entry} exports what its text does not name`);
  const lists = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, type = "", names = ""]) =>
    names.split(",").map((name) => `${type}${name.trim().replace(/.* as /, "")}`),
  );
  const declared = [...text.matchAll(/export (?:async )?(const|function|class|interface|type) (\w+)/g)].map(
    ([, kind, name]) => (kind === "interface" || kind === "type" ? `type ${name}` : `${name}`),
  );
  return [...lists, ...declared].filter((name) => name.trim() !== "" && name.trim() !== "type").toSorted();
}
