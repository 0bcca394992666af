import { nameOf } from "./allowed.ts";
import type { Tree } from "../guard/walk.ts";
import type { Step } from "./step.ts";
import { child, listOf } from "../parse-tree.ts";

/** What is known of a step when advice is given. */
export interface Circumstances {
  /** It locked a relation that was there before: others may use it. */
  readonly touchesOld: boolean;
  readonly rewrites: boolean;
}

/** How to do the same with less waiting for others, and what cannot be taken back. In our words: no name of the database stands in it. */
export function adviceFor(
  { node, body }: Pick<Step, "node" | "body">,
  { touchesOld, rewrites }: Circumstances,
): string[] {
  if (!touchesOld) return [];
  switch (node) {
    case "IndexStmt":
      return ["CREATE INDEX CONCURRENTLY, alone in a call, lets writes go on (not on partitioned tables)."];
    case "ReindexStmt":
      return ["REINDEX … CONCURRENTLY, alone in a call, lets reads and writes go on."];
    case "ClusterStmt":
      return ["CLUSTER rewrites the table under its lock: plan a pause."];
    case "RefreshMatViewStmt":
      return body["concurrent"] === true
        ? []
        : ["REFRESH MATERIALIZED VIEW CONCURRENTLY lets reads go on; it needs a unique index without WHERE."];
    case "AlterTableStmt":
      return [
        ...new Set(listOf(body["cmds"]).flatMap((each) => ofCommand(child(each, "AlterTableCmd") ?? {}, rewrites))),
      ];
    case "RenameStmt":
      return [
        "Code that runs now knows the old name: it breaks at COMMIT. Add the new one beside it, move the code, then remove the old one.",
      ];
    case "DropStmt":
      return body["removeType"] === "OBJECT_TABLE" || body["removeType"] === "OBJECT_MATVIEW"
        ? ["Its rows cannot be brought back after COMMIT, and code that uses it breaks."]
        : body["removeType"] === "OBJECT_INDEX"
          ? ["DROP INDEX CONCURRENTLY, alone in a call, does not wait in front of reads and writes."]
          : [];
    case "TruncateStmt":
      return ["The rows cannot be brought back after COMMIT."];
    case "UpdateStmt":
    case "DeleteStmt":
      return body["whereClause"] === undefined
        ? [`${nameOf(node)} without WHERE holds row locks to the end: work in batches by \`write\`.`]
        : [];
    case "AlterEnumStmt":
      return body["newVal"] !== undefined && body["oldVal"] === undefined
        ? ["The new value cannot be used before COMMIT: use it in a later call."]
        : [];
    default:
      return [];
  }
}

function ofCommand({ subtype, def }: Tree, rewrites: boolean): string[] {
  switch (subtype) {
    case "AT_AddColumn":
      return rewrites
        ? [
            "The default is computed for each row: add the column without it, SET DEFAULT for new rows, fill the old ones in batches.",
          ]
        : [];
    case "AT_AlterColumnType":
      return rewrites
        ? ["Changing the type rewrites the table: add a new column, fill it in batches, then change over."]
        : [];
    case "AT_SetNotNull":
      return [
        "SET NOT NULL reads all rows under its lock: ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, then VALIDATE CONSTRAINT, then SET NOT NULL needs no reading, then drop the constraint.",
      ];
    case "AT_AddConstraint":
      return ofConstraint(child(def, "Constraint") ?? {});
    case "AT_DropColumn":
      return ["Code that still names the column breaks at COMMIT, and its values cannot be brought back."];
    case "AT_SetLogged":
    case "AT_SetUnLogged":
    case "AT_SetTableSpace":
    case "AT_SetAccessMethod":
      return ["This rewrites the table under its lock: plan a pause."];
    case "AT_AttachPartition":
      return ["A validated CHECK on the partition that implies its bounds saves reading it under the lock."];
    default:
      return [];
  }
}

function ofConstraint({ contype, skip_validation: skipped, indexname }: { readonly [key: string]: unknown }): string[] {
  switch (contype) {
    case "CONSTR_FOREIGN":
    case "CONSTR_CHECK":
      return skipped === true
        ? ["VALIDATE CONSTRAINT in a later call reads the old rows under a weak lock."]
        : [
            "Add the constraint NOT VALID, and VALIDATE CONSTRAINT in a later call: it reads the rows under a weak lock.",
          ];
    case "CONSTR_UNIQUE":
    case "CONSTR_PRIMARY":
      return indexname === undefined
        ? [
            "CREATE UNIQUE INDEX CONCURRENTLY, alone in a call, then ADD CONSTRAINT … USING INDEX, keeps the lock short.",
          ]
        : [];
    default:
      return [];
  }
}
