import { nearest, ToolError, untrusted } from "@mooring/core";
import { type Database } from "../database.ts";
import type { Catalog } from "./catalog.ts";
import { ddlOf } from "./ddl.ts";
import { describeObjects } from "./describe.ts";
import { type Detail, mostOf } from "./detail.ts";
import { type Kind, kinds as everyKind, overviewKinds, withPartitioned } from "./kinds.ts";
import { lineOf } from "./lines.ts";
import { listObjects, type ListRequest, type ObjectPage } from "./list.ts";
import type { CatalogObject, Position } from "./object.ts";
import { rank } from "./rank.ts";
import { oneLine } from "../one-line.ts";
import { shownName } from "./shown-name.ts";
import { takeSnapshot } from "./snapshot.ts";
import { type Meaning, meanings } from "./written-name.ts";

/** Bytes of text on a page, where its objects would be more. */
const MOST_BYTES = 240_000;

/** How many objects came before, and the last of them where they are in the catalog's order. */
export type Place = readonly [passed: number, ...last: readonly string[]];

export interface SchemaRequest {
  readonly find?: string | undefined;
  readonly tables?: readonly string[] | undefined;
  readonly schema?: string | undefined;
  readonly kinds?: readonly Kind[] | undefined;
  readonly detail?: Detail | undefined;
  readonly format?: "text" | "mermaid" | undefined;
  readonly limit: number;
  readonly place?: Place | undefined;
  /** Common values of columns may be shown. */
  readonly values: boolean;
}

/** An object with what is said of it. */
export interface Entry {
  readonly object: CatalogObject;
  readonly text: string;
}

export interface SchemaAnswer {
  readonly entries: readonly Entry[];
  readonly detail: Detail;
  readonly format: "text" | "mermaid";
  /** The best match comes first, so objects say their schema. */
  readonly ranked: boolean;
  readonly passed: number;
  readonly total: number;
  /** How many there are of kinds that were not asked for. */
  readonly others: readonly (readonly [Kind, number])[];
  readonly schemas: readonly (readonly [string, number])[];
  readonly missing: readonly Missing[];
  readonly next: Place | undefined;
}

/** A name that is not there, and one that may have been meant. */
export interface Missing {
  readonly name: string;
  readonly nearest: string | undefined;
}

/** Answers `schema`. Throws `not_found` for a schema, or where none of the names is there. */
export async function searchCatalog(
  database: Database,
  catalog: Catalog,
  request: SchemaRequest,
  signal: AbortSignal,
): Promise<SchemaAnswer> {
  const { find, tables, schema, place } = request;
  const detail = request.format === "mermaid" ? "columns" : (request.detail ?? (tables ? "ddl" : "columns"));
  const limit = mostOf(detail, request.limit);
  const named = tables?.map((name) => ({ name, meanings: meanings(name) }));
  const kinds = withPartitioned(
    request.kinds?.length ? request.kinds : find === undefined && !tables ? overviewKinds : everyKind,
  );
  const found =
    find === undefined
      ? undefined
      : rank(
          (await takeSnapshot(database, signal, schema)).objects.filter(({ kind }) => kinds.includes(kind)),
          find,
        ).map(({ id }) => id);
  const passed = place?.[0] ?? 0;
  const ids = found?.slice(passed, passed + limit);
  const asked: ListRequest = {
    kinds,
    schema,
    ids,
    names: named?.flatMap((each) => each.meanings),
    after: find === undefined ? positionOf(place) : undefined,
    // One more says whether there is a next page.
    limit: limit + 1,
  };
  const { hidden, ...looked } = await look(database, asked, detail, request.values, signal);
  catalog.seen(looked.stamp);
  if (schema !== undefined && !looked.known) throw await missingSchema(schema, catalog, signal);

  const objects = ids ? inOrder(looked.objects, ids) : preferred(looked.objects, named);
  const missing = place ? [] : await missingOf(named, objects, catalog, signal);
  if (missing.length > 0 && objects.length === 0) throw notThere(missing);
  const texts = objects
    .slice(0, limit)
    .map((object) => ({ object, text: textOf(object, detail, hidden, find !== undefined) }));
  const entries = texts.slice(0, fitting(texts));
  const total = found ? found.length : looked.total;
  const last = entries.at(-1)?.object.position;
  const isMore = found ? passed + entries.length < total : entries.length < objects.length;
  return {
    entries,
    detail,
    format: request.format ?? "text",
    ranked: find !== undefined,
    passed,
    total: named ? Math.min(total, Math.max(objects.length, passed + entries.length + (isMore ? 1 : 0))) : total,
    others: looked.kinds.filter(([kind]) => !kinds.includes(kind)),
    schemas: looked.schemas,
    missing,
    next: isMore && last ? [passed + entries.length, ...(found ? [] : last)] : undefined,
  };
}

type Looked = Omit<ObjectPage, "objects"> & { readonly objects: readonly CatalogObject[] };

async function look(
  database: Database,
  asked: ListRequest,
  detail: Detail,
  values: boolean,
  signal: AbortSignal,
): Promise<Looked> {
  if (detail === "ddl" || detail === "full")
    return describeObjects(database, asked, { full: detail === "full", values }, signal);
  return listObjects(database, asked, signal, { columns: detail === "columns" });
}

function textOf(object: CatalogObject, detail: Detail, hidden: readonly string[], qualified: boolean): string {
  if (detail === "names") return shownName(object.shownName);
  return "details" in object ? ddlOf(object as Parameters<typeof ddlOf>[0], { hidden }) : lineOf(object, { qualified });
}

/** How many of them a page holds: at least one. */
function fitting(texts: readonly Entry[]): number {
  let bytes = 0;
  const over = texts.findIndex(({ text }, at) => (bytes += Buffer.byteLength(text) + 1) > MOST_BYTES && at > 0);
  return over < 0 ? texts.length : over;
}

function inOrder(objects: readonly CatalogObject[], ids: readonly string[]): readonly CatalogObject[] {
  const byId = new Map(objects.map((object) => [object.id, object]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

interface Named {
  readonly name: string;
  readonly meanings: readonly Meaning[];
}

function fits(object: CatalogObject, { meanings: any }: Named): boolean {
  return any.some(({ schema, name }) => name === object.name && (schema === "" || schema === object.schema));
}

// A name without its schema means the system's only where nobody else has it.
function preferred(objects: readonly CatalogObject[], named: readonly Named[] | undefined): readonly CatalogObject[] {
  if (!named) return objects;
  return objects.filter(
    (object) =>
      !isSystem(object) ||
      named.some(
        (each) =>
          fits(object, each) &&
          (each.meanings.some(({ schema, name }) => schema === object.schema && name === object.name) ||
            !objects.some((other) => !isSystem(other) && fits(other, each))),
      ),
  );
}

function isSystem({ schema, kind }: CatalogObject): boolean {
  return kind !== "extension" && (schema.startsWith("pg_") || schema === "information_schema");
}

function positionOf(place: Place | undefined): Position | undefined {
  if (!place) return undefined;
  const [, schema = "", part = "", name = "", oid = ""] = place;
  return [schema, part, name, oid];
}

async function missingOf(
  named: readonly Named[] | undefined,
  objects: readonly CatalogObject[],
  catalog: Catalog,
  signal: AbortSignal,
): Promise<Missing[]> {
  const missing = (named ?? []).filter((each) => !objects.some((object) => fits(object, each)));
  if (missing.length === 0) return [];
  const known = (await catalog.snapshot(signal)).objects;
  // As it would be written: with its schema where the question had one.
  const names = new Map(
    known.flatMap((object) => [
      [object.name, shownName(object.shownName)] as const,
      [`${object.schema}.${object.name}`, `${shownName(object.shownSchema)}.${shownName(object.shownName)}`] as const,
    ]),
  );
  const keys = [...names.keys()];
  return missing.map(({ name }) => {
    const like = nearest(name.replaceAll('"', ""), keys);
    return { name, nearest: like === undefined ? undefined : names.get(like) };
  });
}

/** `"ordrs" (nearest: orders)`, for whoever reads the answer or the error. */
export function missingText(missing: readonly Missing[]): string {
  return missing
    .map((each) => `"${oneLine(each.name)}"${each.nearest === undefined ? "" : ` (nearest: ${each.nearest})`}`)
    .join(", ");
}

function notThere(missing: readonly Missing[]): ToolError {
  return new ToolError("not_found", `Not there, or kept back: ${untrusted(missingText(missing))}`, {
    hint: "`schema` with `find` searches names, columns and comments.",
  });
}

async function missingSchema(schema: string, catalog: Catalog, signal: AbortSignal): Promise<ToolError> {
  const { schemas } = await catalog.snapshot(signal);
  const like = nearest(schema, schemas);
  return new ToolError(
    "not_found",
    `There is no such schema, or it is kept back.${like === undefined ? "" : ` The nearest: ${untrusted(like)}`}`,
    { hint: "`schema` without arguments shows what is there." },
  );
}
