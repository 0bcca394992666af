import type { CatalogRow, Session } from "../database.ts";
import type { Name } from "../guard/proof.ts";
import type { Tree } from "../guard/walk.ts";
import { nameOfRelation } from "./outside.ts";
import { quoted, type Step } from "./step.ts";
import { child, listOf, nodesOf, textOf } from "../parse-tree.ts";

/** Tables larger than this are not rewritten or read whole for a preview unless the migration itself asks for the time. */
export const largeBytes = 1024 ** 3;

/** Commands of ALTER TABLE that rewrite a table or read all of it, or may do so. */
const heavyCommands = new Set([
  "AT_AlterColumnType",
  "AT_SetNotNull",
  "AT_ValidateConstraint",
  "AT_SetLogged",
  "AT_SetUnLogged",
  "AT_SetAccessMethod",
  "AT_SetTableSpace",
  "AT_AttachPartition",
]);

/** The relation that a statement may rewrite or read whole; `undefined` where it only changes the catalog. */
export function heavyOn({ node, body }: Pick<Step, "node" | "body">): Name | undefined {
  const relation = () => nameOfRelation(body["relation"]);
  switch (node) {
    case "AlterTableStmt":
      return listOf(body["cmds"]).some((each) => isHeavy(child(each, "AlterTableCmd") ?? {})) ? relation() : undefined;
    case "IndexStmt":
    case "ClusterStmt":
    case "ReindexStmt":
    case "RefreshMatViewStmt":
      return relation();
    case "UpdateStmt":
    case "DeleteStmt":
      return body["whereClause"] === undefined ? relation() : undefined;
    default:
      return undefined;
  }
}

function isHeavy(command: Tree): boolean {
  const subtype = String(command["subtype"]);
  const constraint = child(command["def"], "Constraint");
  if (subtype === "AT_AddConstraint")
    return constraint?.["skip_validation"] !== true && constraint?.["indexname"] === undefined;
  if (subtype === "AT_AddColumn") return mayRewrite(child(command["def"], "ColumnDef") ?? {});
  return heavyCommands.has(subtype);
}

/** A default that is the same for all rows costs nothing since version 11; others are computed row by row. */
function mayRewrite(column: Tree): boolean {
  const type =
    listOf((column["typeName"] as Tree | undefined)?.["names"])
      .map(textOf)
      .at(-1) ?? "";
  if (/^(small|big)?serial[248]?$/.test(type)) return true;
  for (const { name, body } of nodesOf(column)) {
    if (name === "FuncCall") return true;
    if (
      name === "Constraint" &&
      /^CONSTR_(IDENTITY|GENERATED|UNIQUE|PRIMARY|CHECK|FOREIGN)$/.test(String(body["contype"]))
    )
      return true;
  }
  return false;
}

const size = `
  WITH RECURSIVE tree AS (
    SELECT pg_catalog.to_regclass($1)::oid AS oid
    UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree t ON i.inhparent = t.oid)
  SELECT coalesce(sum(pg_catalog.pg_table_size(c.oid)), 0)::text AS bytes
    FROM tree t JOIN pg_catalog.pg_class c ON c.oid = t.oid WHERE c.relkind IN ('r', 'm', 'i')`;

/** Bytes of a relation with its partitions; 0 where there is none. */
export async function sizeOf(session: Session, name: Name): Promise<number> {
  const [row] = await session.rows<CatalogRow>(size, [quoted(name)]);
  return Number(row?.["bytes"] ?? 0);
}
