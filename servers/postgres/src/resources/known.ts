import { ToolError } from "@mooring/core";
import type { Database, Databases } from "../database.ts";

/** The database that a URI names. Throws `not_found`, also for one that is only spelt otherwise. */
export function databaseOf(databases: Databases, name: string | undefined): Database {
  if (name === undefined || !databases.names.includes(name))
    throw new ToolError("not_found", "There is no such database.", {
      hint: "The list of resources has those that there are.",
    });
  return databases.get(name);
}

/** The database that the other variables of a completion go to: the chosen one, or the only one. */
export function chosenDatabase(databases: Databases, chosen: string | undefined): Database | undefined {
  const name = chosen ?? (databases.names.length === 1 ? databases.names[0] : undefined);
  return name !== undefined && databases.names.includes(name) ? databases.get(name) : undefined;
}
