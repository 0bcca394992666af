import type { CatalogItem, Scope } from "./catalog-state.ts";

/** Catalogs by the first part of an item's key. */
const catalogs: Readonly<Record<string, string>> = {
  f: "pg_proc",
  y: "pg_type",
  n: "pg_namespace",
  e: "pg_extension",
  v: "pg_event_trigger",
  s: "pg_statistic_ext",
};

/** What a step did to the catalog: one line each, and what was stored anew. */
export interface Changes {
  /** `+ column app.users.age: integer`, `- …`, `~ …: old -> new`; nothing that differs from one run to the next. */
  readonly lines: readonly string[];
  /** Tables and indexes that were there before and whose rows stand in new files now. */
  readonly rewritten: readonly CatalogItem[];
  /** Columns that were there before and are defined otherwise now. */
  readonly retyped: readonly Retyped[];
}

/** A column before and after. */
export interface Retyped {
  readonly was: CatalogItem;
  readonly is: CatalogItem;
}

/** The catalog as one transaction sees it, step by step. */
export interface Catalog {
  /** Takes in what a step left, and says what it changed. */
  advance(state: readonly CatalogItem[], scope: Scope): Changes;
  items(): readonly CatalogItem[];
}

/** `before` holds everything that later scopes name, as it was before the first step. */
export function catalogFrom(before: readonly CatalogItem[]): Catalog {
  let current = new Map(before.map((item) => [item.key, item]));
  return {
    items: () => [...current.values()],
    advance(state, scope) {
      const relations = new Set([...scope.relations, ...state.map(({ relid }) => relid)]);
      const objects = new Set(scope.objects);
      const within = ({ key, relid }: CatalogItem) =>
        (relid !== null && relations.has(relid)) || objects.has(objectOf(key));
      const old = [...current.values()].filter(within);
      const next = new Map([...current.values()].filter((item) => !within(item)).map((item) => [item.key, item]));
      for (const item of state) next.set(item.key, item);
      current = next;
      return compare(old, state);
    },
  };
}

/** `catalog:oid`, as a scope has it. */
export function objectOf(key: string): string {
  const [first = "", ...rest] = key.split(":");
  return first === "g" ? rest.join(":") : `${catalogs[first] ?? first}:${rest.join(":")}`;
}

/** What differs between two states of the same scope. */
export function compare(before: readonly CatalogItem[], after: readonly CatalogItem[]): Changes {
  const old = new Map(before.map((item) => [item.key, item]));
  const pairs: [CatalogItem, CatalogItem][] = [];
  const added: CatalogItem[] = [];
  for (const item of after) {
    const was = old.get(item.key);
    if (was) pairs.push([was, item]);
    else added.push(item);
    old.delete(item.key);
  }
  // Made again under its name: a changed type does that to indexes and constraints.
  const removed = [...old.values()];
  for (const item of added.slice()) {
    const at = removed.findIndex(
      (was) => was.kind === item.kind && was.relation === item.relation && was.name === item.name,
    );
    if (at < 0) continue;
    pairs.push([removed[at] as CatalogItem, item]);
    removed.splice(at, 1);
    added.splice(added.indexOf(item), 1);
  }
  return {
    lines: linesOf(pairs, added, removed),
    rewritten: rewrittenOf(pairs),
    retyped: pairs
      .filter(([was, is]) => is.kind === "column" && was.key === is.key && was.definition !== is.definition)
      .map(([was, is]) => ({ was, is })),
  };
}

function rewrittenOf(pairs: readonly (readonly [CatalogItem, CatalogItem])[]): CatalogItem[] {
  return pairs
    .filter(([was, is]) => was.filenode !== null && is.filenode !== null && was.filenode !== is.filenode)
    .map(([, is]) => is);
}

function linesOf(
  pairs: readonly (readonly [CatalogItem, CatalogItem])[],
  added: readonly CatalogItem[],
  removed: readonly CatalogItem[],
): string[] {
  const lines: string[] = [];
  const renamed = new Map<string, string>();
  for (const [was, is] of pairs) if (isRelation(was) && was.name !== is.name) renamed.set(was.name, is.name);

  const gone = new Set(removed.filter(isRelation).map(({ name }) => name));
  for (const item of removed.toSorted(byPlace)) {
    // What a table had goes with it.
    if (!isRelation(item) && item.relation !== null && gone.has(item.relation)) continue;
    lines.push(`- ${labelOf(item)}${item.definition && !isRelation(item) ? `: ${item.definition}` : ""}`);
  }

  const fresh = new Set(added.filter(isRelation).map(({ name }) => name));
  for (const item of added.toSorted(byPlace)) {
    if (item.kind === "column" && item.relation !== null && fresh.has(item.relation)) continue;
    const columns = isRelation(item)
      ? added.filter(({ kind, relation }) => kind === "column" && relation === item.name).toSorted(byPlace)
      : [];
    const inner =
      columns.length > 0 ? ` (${columns.map(({ name, definition }) => `${name} ${definition}`).join(", ")})` : "";
    const definition = item.definition ? `: ${item.definition}` : "";
    lines.push(`+ ${labelOf(item)}${inner}${definition}`);
  }

  for (const [was, is] of pairs.toSorted(([a], [b]) => byPlace(a, b))) {
    const moved = was.relation !== is.relation && renamed.get(was.relation ?? "") !== is.relation;
    const name = was.name !== is.name || moved ? ` -> ${is.name}` : "";
    const definition = definitionChange(was.definition, is.definition, renamed);
    if (name || definition) lines.push(`~ ${labelOf(was)}${name}${definition}`);
  }
  return lines;
}

function definitionChange(was: string, is: string, renamed: ReadonlyMap<string, string>): string {
  let expected = was;
  for (const [from, to] of renamed) expected = expected.replaceAll(from, to);
  return was === is || expected === is ? "" : `: ${was || "nothing"} -> ${is || "nothing"}`;
}

function isRelation({ key }: CatalogItem): boolean {
  return key.startsWith("r:");
}

function labelOf({ kind, relation, name }: CatalogItem): string {
  if (kind === "column") return `column ${relation}.${name}`;
  if (relation === null || relation === name) return `${kind} ${name}`;
  return `${kind} ${name} on ${relation}`;
}

const kinds = ["schema", "extension", "table", "column", "constraint", "index"];

function byPlace(a: CatalogItem, b: CatalogItem): number {
  const rank = ({ kind }: CatalogItem) => (kinds.indexOf(kind) + kinds.length) % kinds.length;
  const place = (a.relation ?? "").localeCompare(b.relation ?? "") || rank(a) - rank(b);
  if (place !== 0) return place;
  if (a.kind === "column" && b.kind === "column") return numberOf(a) - numberOf(b);
  return a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name);
}

function numberOf({ key }: CatalogItem): number {
  return Number(key.split(":").at(-1));
}
