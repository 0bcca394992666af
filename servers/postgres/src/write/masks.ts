import { ToolError } from "@mooring/core";
import type { CatalogRow, Database, Session } from "../database.ts";
import { maskedColumns } from "../migrate/policy-check.ts";
import type { Tree } from "../guard/walk.ts";
import { child, listOf, nodesOf, textOf } from "../migrate/tree.ts";
import type { Change } from "./change.ts";

const used = `
  SELECT DISTINCT l.relation::text AS relid, c.relkind::text AS kind
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
   WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384`;

/**
 * Refuses a change that touches a table with masked columns and names one of them, or may mean one without naming it. Called
 * in its transaction, when locks say which tables the names meant, views included; throwing rolls it back.
 * @throws ToolError `denied`
 */
export async function refuseMasked(
  session: Session,
  database: Database,
  { proof }: Pick<Change, "proof">,
): Promise<void> {
  const masked = await maskedColumns(session, database.policy);
  if (masked.length === 0) return;
  const relations = await session.rows<CatalogRow>(used);
  const touched = masked.filter((column) => relations.some(({ relid }) => relid === column.relid));
  if (touched.length === 0) return;
  const [tree = {}] = await database.trees(proof.sql);
  // A view may show the column under another name.
  if (relations.some(({ kind }) => kind === "v") || mayUse(tree, new Set(touched.map(({ name }) => name))))
    throw new ToolError(
      "denied",
      "The statement may use a column that the operator has masked, so it was rolled back.",
      {
        hint: "Name tables and columns one by one, without * and whole rows, and leave masked columns out, also of RETURNING.",
      },
    );
}

/** Whether a statement names one of these columns, or uses all columns of something. Errs on the side of yes. */
export function mayUse(tree: Tree, columns: ReadonlySet<string>): boolean {
  const nodes = [...nodesOf(tree)];
  const sources = new Set(nodes.flatMap(({ body }) => sourcesOf(body)));
  const has = (name: unknown) => columns.has(textOf(name) ?? "");
  return nodes.some(({ name, body }) => {
    switch (name) {
      case "A_Star":
        return true;
      case "ColumnRef": {
        const fields = listOf(body["fields"]);
        // `u` is the whole row of u.
        return has(fields.at(-1)) || (fields.length === 1 && sources.has(textOf(fields[0]) ?? ""));
      }
      case "A_Indirection":
        return listOf(body["indirection"]).some(has);
      case "ResTarget":
      case "IndexElem":
        return has(body["name"]);
      case "JoinExpr":
        return body["isNatural"] === true || listOf(body["usingClause"]).some(has);
      case "InsertStmt":
        return body["cols"] === undefined;
      case "MergeWhenClause":
        return body["commandType"] === "CMD_INSERT" && body["targetList"] === undefined;
      default:
        // FROM t AS u (a, b) gives columns other names.
        return listOf(child({ Alias: body["alias"] }, "Alias")?.["colnames"]).length > 0;
    }
  });
}

/** Names under which rows may be meant: tables and aliases. */
function sourcesOf(body: Tree): string[] {
  const alias = child({ Alias: body["alias"] }, "Alias")?.["aliasname"];
  const own = [body["relname"], body["aliasname"], body["ctename"], alias];
  const relation = child({ RangeVar: body["relation"] }, "RangeVar");
  const target = [relation?.["relname"], child({ Alias: relation?.["alias"] }, "Alias")?.["aliasname"]];
  return [...own, ...target].filter((name): name is string => typeof name === "string");
}
