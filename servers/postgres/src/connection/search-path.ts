import { ToolError } from "@mooring/core";
import { words } from "../guard/refused.ts";

/**
 * Refuses a session whose names may not mean what they say: where a schema stands before pg_catalog, somebody's `=` may be
 * what our own questions run. `path` is `current_schemas(true)` as text. Temporary objects count for relations and types only.
 * https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-CATALOG
 *
 * @throws ToolError `denied`
 */
export function checkSearchPath(path: string): void {
  const [first = "", second] = path.replace(/[{}"]/g, "").split(",");
  if (first === "pg_catalog" || (first.startsWith("pg_temp") && second === "pg_catalog")) return;
  throw new ToolError(
    "denied",
    words`Refused: the search path of this role puts ${first || "nothing"} before pg_catalog.`,
    {
      hint: "Names of PostgreSQL's own may mean something else there. Ask the person to take pg_catalog out of search_path, or to put it first.",
    },
  );
}
