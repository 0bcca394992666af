import type { Name } from "../guard/proof.ts";
import type { Tree } from "../guard/walk.ts";
import type { Step } from "./step.ts";
import { child, isOn, listOf, optionsOf, textOf } from "../parse-tree.ts";

/** What refuses to run in a transaction, so that nothing can be tried: each has a preview of its own, and runs alone. */
export type Outside =
  | {
      readonly kind: "create index";
      readonly table: Name;
      readonly index: string | undefined;
      readonly ifMissing: boolean;
    }
  | { readonly kind: "drop index"; readonly indexes: readonly Name[] }
  | { readonly kind: "reindex"; readonly what: "index" | "table"; readonly relation: Name }
  | { readonly kind: "vacuum"; readonly full: boolean; readonly analyze: boolean; readonly tables: readonly Name[] }
  | { readonly kind: "signal"; readonly action: "cancel" | "terminate"; readonly pid: number }
  /** ALTER SYSTEM; opened by the operator. */
  | { readonly kind: "setting"; readonly setting: string }
  /** COPY with a file or a program of the server; opened by the operator. */
  | { readonly kind: "copy"; readonly program: boolean; readonly from: boolean };

/** `undefined` for what a transaction can hold. */
export function outsideOf({ node, body }: Pick<Step, "node" | "body">): Outside | undefined {
  switch (node) {
    case "IndexStmt":
      return body["concurrent"] === true
        ? {
            kind: "create index",
            table: nameOfRelation(body["relation"]),
            index: textOf(body["idxname"]),
            ifMissing: body["if_not_exists"] === true,
          }
        : undefined;
    case "DropStmt":
      return body["concurrent"] === true && body["removeType"] === "OBJECT_INDEX"
        ? { kind: "drop index", indexes: listOf(body["objects"]).map(nameOfList) }
        : undefined;
    case "ReindexStmt":
      return isOn(optionsOf(body["params"]), "concurrently") && isTreeRelation(body["relation"])
        ? {
            kind: "reindex",
            what: body["kind"] === "REINDEX_OBJECT_INDEX" ? "index" : "table",
            relation: nameOfRelation(body["relation"]),
          }
        : undefined;
    case "VacuumStmt": {
      if (body["is_vacuumcmd"] !== true) return undefined;
      const options = optionsOf(body["options"]);
      const tables = listOf(body["rels"]).map((each) => nameOfRelation(child(each, "VacuumRelation")?.["relation"]));
      return { kind: "vacuum", full: isOn(options, "full"), analyze: isOn(options, "analyze"), tables };
    }
    case "SelectStmt":
      return signalOf(body);
    case "AlterSystemStmt":
      return { kind: "setting", setting: textOf((body["setstmt"] as Tree | undefined)?.["name"]) ?? "all" };
    case "CopyStmt":
      return body["filename"] === undefined
        ? undefined
        : { kind: "copy", program: body["is_program"] === true, from: body["is_from"] === true };
    default:
      return undefined;
  }
}

/** `SELECT pg_cancel_backend(123)` and nothing else. */
function signalOf(body: Tree): Outside | undefined {
  const { targetList, limitOption: _, op: __, ...rest } = body;
  const [only, ...more] = listOf(targetList);
  const target = child(only, "ResTarget");
  const call = child(target?.["val"], "FuncCall");
  if (Object.keys(rest).length > 0 || more.length > 0 || body["op"] !== "SETOP_NONE" || !call) return undefined;
  const { funcname, args, funcformat: ___, location: ____, ...decoration } = call;
  const name = listOf(funcname).map((part) => textOf(part) ?? "");
  const [pid, ...others] = listOf(args);
  const number = (child(pid, "A_Const")?.["ival"] as { ival?: unknown } | undefined)?.ival;
  const action = /^pg_(cancel|terminate)_backend$/.exec(name.at(-1) ?? "")?.[1];
  if (action === undefined || (name.length > 1 && (name.length > 2 || name[0] !== "pg_catalog"))) return undefined;
  if (Object.keys(decoration).length > 0 || others.length > 0 || typeof number !== "number" || number < 1)
    return undefined;
  return { kind: "signal", action: action as "cancel" | "terminate", pid: number };
}

function isTreeRelation(value: unknown): boolean {
  return typeof (value as Tree | undefined)?.["relname"] === "string";
}

/** Of a RangeVar, with or without its name around it. */
export function nameOfRelation(value: unknown): Name {
  const relation = child(value, "RangeVar") ?? (value as Tree | undefined) ?? {};
  return [relation["schemaname"], relation["relname"]].filter((part): part is string => typeof part === "string");
}

function nameOfList(value: unknown): Name {
  return listOf(child(value, "List")?.["items"]).map((part) => textOf(part) ?? "");
}
