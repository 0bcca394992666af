import { readFileSync } from "node:fs";

/** The names that an entry file exports, as its text says, in order; types with their keyword before them. */
export function exported(entry: string): string[] {
  const text = sourceOf(`./${entry}.ts`).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
  if (/export (?:\*|default)/.test(text)) throw new Error(`${entry} exports what its text does not name`);
  const lists = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, type = "", names = ""]) =>
    names.split(",").map((name) => `${type}${name.trim().replace(/.* as /, "")}`),
  );
  const declared = [...text.matchAll(/export (?:async )?(const|function|class|interface|type) (\w+)/g)].map(
    ([, kind, name]) => (kind === "interface" || kind === "type" ? `type ${name}` : `${name}`),
  );
  return [...lists, ...declared].filter((name) => name.trim() !== "" && name.trim() !== "type").toSorted();
}

/** What an entry file exports without a docstring where it is declared; names of the SDK have their own. */
export function undocumented(entry: string): string[] {
  const lists = [...sourceOf(`./${entry}.ts`).matchAll(/export (?:type )?\{([^}]*)\} from "(\.[^"]*)"/g)];
  const declarations = [
    ...lists.flatMap(([, names = "", file = ""]) => names.split(",").map((name) => [name.replace("type ", ""), file])),
    ...exported(entry).map((name) => [name.replace("type ", ""), `./${entry}.ts`]),
  ].map(([name = "", file = ""]) => ({ name: name.trim(), source: sourceOf(file) }));
  return declarations.flatMap(({ name, source }) => {
    const declared = `export (?:async )?(?:const|function|class|interface|type) ${name}\\b`;
    const isHere = name !== "" && new RegExp(`^${declared}`, "m").test(source);
    return isHere && !new RegExp(`\\*/\\n(?://.*\\n)*${declared}`).test(source) ? [name] : [];
  });
}

function sourceOf(file: string): string {
  return readFileSync(new URL(file, new URL("../../src/", import.meta.url)), "utf8");
}
