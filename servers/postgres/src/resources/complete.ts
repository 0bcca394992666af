import type { Completers } from "@mooring/core";
import { catalogOf } from "../catalog/catalog.ts";
import type { NamedObject } from "../catalog/snapshot.ts";
import type { Deps } from "../tool.ts";
import { chosenDatabase } from "./known.ts";

/** Names of databases that begin with what was typed. */
export const completeDatabase: Completers<Deps>[string] = (typed, { databases }) => matching(databases.names, typed);

/** Names of schemas of the chosen database. */
export const completeSchema: Completers<Deps>[string] = async (typed, { databases, signal }, given) => {
  const database = chosenDatabase(databases, given["database"]);
  return database ? matching((await catalogOf(database).snapshot(signal)).schemas, typed) : [];
};

/** Names of tables and views of the chosen schema, or of all. */
export const completeTable: Completers<Deps>[string] = async (typed, { databases, signal }, given) => {
  const database = chosenDatabase(databases, given["database"]);
  if (!database) return [];
  const { objects } = await catalogOf(database).snapshot(signal);
  const { schema } = given;
  const names = objects
    .filter((object) => isRelation(object) && (schema === undefined || object.schema === schema))
    .map(({ name }) => name);
  return matching([...new Set(names)], typed);
};

/** Tables and views: what has columns. */
export function isRelation({ kind }: Pick<NamedObject, "kind">): boolean {
  return kind === "table" || kind === "partitioned" || kind === "foreign" || kind === "view" || kind === "matview";
}

/** What begins with it first, then what has it within; case does not count. */
function matching(names: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const has = (name: string) => name.toLowerCase().indexOf(wanted);
  return [...names.filter((name) => has(name) === 0), ...names.filter((name) => has(name) > 0)];
}
