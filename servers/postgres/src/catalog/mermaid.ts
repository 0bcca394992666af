import type { CatalogObject, Link, ListedColumn } from "./object.ts";
import { shownName } from "./shown-name.ts";
import { shortType } from "./type-name.ts";

/** Columns of a table that a diagram draws; keys are always among them. */
const MOST_COLUMNS = 30;
const drawn: ReadonlySet<string> = new Set(["table", "partitioned", "foreign", "view", "matview"]);

/**
 * Tables and their foreign keys as an ER diagram (https://mermaid.js.org/syntax/entityRelationshipDiagram.html). Where Mermaid
 * cannot write a name, the diagram has the nearest that it can, and the real one beside the column.
 */
export function mermaidOf(objects: readonly CatalogObject[]): string {
  const tables = objects.filter(({ kind }) => drawn.has(kind));
  const several = new Set(tables.map(({ shownSchema }) => shownSchema)).size > 1;
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const entity = (schema: string, name: string) => {
    const place = `${schema}.${name}`;
    let text = names.get(place);
    if (text === undefined) {
      text = quotable(several ? `${shownName(schema)}.${shownName(name)}` : shownName(name));
      // Two names may differ only in what cannot be written.
      while (taken.has(text)) text += "'";
      taken.add(text);
      names.set(place, text);
    }
    return `"${text}"`;
  };
  const boxes = tables.flatMap((object) => [
    `  ${entity(object.shownSchema, object.shownName)} {`,
    ...columnLines(object),
    "  }",
  ]);
  const keys = tables.flatMap((object) =>
    object.links.map((link) => {
      const target = entity(link.schema ?? object.shownSchema, link.table);
      const columns = link.columns.map((at) => shownName(object.columns[at]?.name ?? "")).join(", ");
      const least = isRequired(object, link) ? "||" : "|o";
      return `  ${target} ${least}--o{ ${entity(object.shownSchema, object.shownName)} : "${quotable(columns)}"`;
    }),
  );
  return ["erDiagram", ...boxes, ...keys].join("\n");
}

function columnLines({ columns, links }: CatalogObject): string[] {
  const linked = new Set(links.flatMap((link) => link.columns));
  return columns.flatMap((column, at) =>
    at < MOST_COLUMNS || column.key || linked.has(at) ? [`    ${columnLine(column, linked.has(at))}`] : [],
  );
}

function columnLine({ name, type, key, masked }: ListedColumn, linked: boolean): string {
  const label = shownName(name);
  const word = attribute(label);
  const keys = [...(key ? ["PK"] : []), ...(linked ? ["FK"] : [])].join(", ");
  const remarks = [...(word === label ? [] : [label]), ...(masked ? ["masked"] : [])].join("; ");
  return [
    attribute(shortType(type)),
    word,
    ...(keys ? [keys] : []),
    ...(remarks ? [`"${quotable(remarks)}"`] : []),
  ].join(" ");
}

function isRequired({ columns }: CatalogObject, link: Link): boolean {
  return link.columns.every((at) => columns[at]?.required === true);
}

/** Type or name of an attribute: Mermaid takes few characters, and `PK` as the mark of a key. */
function attribute(text: string): string {
  const word = text.replace(/[^A-Za-z0-9_[\]()]+/g, "_").replace(/^[^A-Za-z_]/, "_");
  return /^([PFU]K)?$/.test(word) ? `_${word}` : word;
}

/** Text for Mermaid's quotes, in which nothing can be escaped. */
function quotable(text: string): string {
  return text.replaceAll('"', "'").replaceAll("%", "％").replaceAll("\\", "＼");
}
