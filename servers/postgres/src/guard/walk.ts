import { createHash } from "node:crypto";
import { explainOptions, readNodes, writeNodes } from "./nodes.ts";
import type { Inspection, Name, StatementKind } from "./proof.ts";

/** A node of libpg-query's JSON: `{ SelectStmt: { … } }`, or what stands in one. */
export type Tree = { readonly [key: string]: unknown };

const kinds: Readonly<Record<string, StatementKind>> = {
  SelectStmt: "select",
  VariableShowStmt: "show",
  ExplainStmt: "explain",
  InsertStmt: "insert",
  UpdateStmt: "update",
  DeleteStmt: "delete",
  MergeStmt: "merge",
};
const strength: readonly StatementKind[] = [
  "show",
  "explain",
  "select",
  "insert",
  "update",
  "merge",
  "delete",
  "other",
];

/** Everything that the catalog has to vouch for, and why the tree alone refuses. Never throws for a tree of the parser. */
export function inspectTree(statement: Tree): Inspection {
  const [node, body] = Object.entries(statement)[0] as [string, Tree];
  const kind = kinds[node] ?? "other";
  const seen = new Collected();
  if (kind === "show") {
    seen.settings.push(String((body as { name?: string }).name ?? "").toLowerCase());
    return seen.inspection({ kind, node, hash: () => hashOf(statement) });
  }
  if (kind === "explain") {
    const { query, options } = body as { query?: Tree; options?: readonly Tree[] };
    const [inner = ""] = Object.keys(query ?? {});
    for (const { DefElem } of (options ?? []) as readonly { DefElem?: { defname?: string } }[]) {
      const option = DefElem?.defname ?? "";
      if (!explainOptions.has(option)) seen.refuse(`EXPLAIN with the option ${option}`);
    }
    if (!(inner in kinds) || inner === "ExplainStmt") seen.refuseAll(`EXPLAIN of ${nodeText(inner)}`);
    else seen.walk(query as Tree);
    return seen.inspection({ kind, node, hash: () => hashOf(query ?? {}) });
  }
  seen.walk(statement);
  const ordered = Array.isArray((body as { sortClause?: unknown }).sortClause);
  const prepared = node === "PrepareStmt" ? (body as { query?: Tree }).query : undefined;
  const inspection = seen.inspection({ kind, node, hash: () => hashOf(prepared ?? statement), ordered });
  return node === "IndexStmt" ? { ...inspection, indexRefusal: refusalInside(body) } : inspection;
}

/** Why something inside a CREATE INDEX may do more than read. */
function refusalInside(index: Tree): string | undefined {
  const inside = new Collected();
  inside.walk(index);
  const { writeRefusal, strongest } = inside.inspection({ kind: "show", node: "IndexStmt", hash: () => "" });
  return writeRefusal ?? (strongest === "show" ? undefined : "a subquery in an index");
}

/** Keywords since 16 and 17, names of functions before, by the node that stands for them (`func_expr_common_subexpr` of gram.y). */
const spelledAs: Readonly<Record<string, readonly string[]>> = {
  JsonParseExpr: ["json"],
  JsonScalarExpr: ["json_scalar"],
  JsonSerializeExpr: ["json_serialize"],
  JsonObjectConstructor: ["json_object"],
  JsonArrayConstructor: ["json_array"],
  JsonArrayQueryConstructor: ["json_array"],
  JsonObjectAgg: ["json_objectagg"],
  JsonArrayAgg: ["json_arrayagg"],
  JsonFuncExpr: ["json_exists", "json_query", "json_value"],
};

class Collected {
  readonly functions: Name[] = [];
  readonly spelled: Name[] = [];
  readonly operators: Name[] = [];
  readonly types: Name[] = [];
  readonly relations: Name[] = [];
  readonly fields: string[] = [];
  /** Attributes of what may be a value of any type. */
  readonly calls: string[] = [];
  readonly samplers: string[] = [];
  readonly settings: string[] = [];
  #anySetting = false;
  #functionsInFrom = false;
  #compares = false;
  #refusal: string | undefined;
  #writeRefusal: string | undefined;
  #strongest = 0;
  #params = 0;

  refuse(what: string): void {
    this.#refusal ??= what;
  }

  refuseAll(what: string): void {
    this.refuse(what);
    this.#writeRefusal ??= what;
  }

  inspection(top: Pick<Inspection, "kind" | "node"> & { readonly ordered?: boolean; hash(): string }): Inspection {
    let hash: string | undefined;
    const { functions, spelled, operators, types, relations, fields, samplers, settings } = this;
    // `g.f` with g a function in FROM is f(g), whatever the function gives.
    const calls = this.#functionsInFrom ? [...fields, ...this.calls] : this.calls;
    const strongest = strength[Math.max(this.#strongest, strength.indexOf(top.kind))] ?? "other";
    return {
      kind: top.kind,
      strongest: top.kind === "explain" ? (strength[this.#strongest] ?? "other") : strongest,
      node: top.node,
      refusal: this.#refusal,
      writeRefusal: this.#writeRefusal,
      functions: unique(functions),
      spelled: unique(spelled),
      operators: unique(operators),
      types: unique(types),
      relations: unique(relations),
      fields: [...new Set(fields)],
      calls: [...new Set(calls)],
      samplers,
      settings,
      compares: this.#compares || functions.length > 0 || operators.length > 0 || fields.length > 0,
      anySetting: this.#anySetting || fields.includes("current_setting"),
      ordered: top.ordered ?? false,
      params: this.#params,
      // Costs as much as the rest, and hardly anybody asks.
      get hash() {
        return (hash ??= top.hash());
      },
    };
  }

  // An explicit stack, since trees are as deep as their author likes; every key and every nested array, since VALUES lists,
  // ROWS FROM and row constructors put expressions one list deeper than a walk over known fields looks.
  walk(root: Tree): void {
    const stack: [value: unknown, scope: Scope][] = [[root, noNames]];
    for (let top = stack.pop(); top; top = stack.pop()) {
      const [value, outside] = top;
      if (Array.isArray(value)) {
        for (const each of value) if (isObject(each)) stack.push([each, outside]);
        continue;
      }
      const tree = value as Tree;
      const scope = isObject(tree["withClause"]) ? withNames(tree["withClause"], outside, stack) : outside;
      for (const [key, child] of Object.entries(tree)) {
        if (key === "withClause") continue;
        if (/^[A-Z]/.test(key)) this.#node(key, child as Tree, scope);
        else this.#member(key, child);
        if (isObject(child)) stack.push([child, scope]);
      }
    }
  }

  #node(name: string, node: Tree, scope: Scope): void {
    if (!readNodes.has(name)) {
      if (writeNodes.has(name)) this.refuse(nodeText(name));
      else this.refuseAll(nodeText(name));
    }
    const kind = kinds[name];
    // They look for casts to json as well.
    const spelled = spelledAs[name];
    if (spelled) {
      this.#compares = true;
      this.spelled.push(...spelled.map((each) => [each]));
    }
    if (kind) this.#strongest = Math.max(this.#strongest, strength.indexOf(kind));
    switch (name) {
      case "FuncCall":
        this.#function(node);
        break;
      case "RangeFunction":
        this.#functionsInFrom = true;
        break;
      case "RangeVar":
        if (node["schemaname"] !== undefined || !scope.has(String(node["relname"]))) this.#relation(node);
        break;
      case "ColumnRef": {
        // `a.b` is a column of a, or the call b(a).
        const parts = list(node["fields"]);
        const texts = parts.map(text).filter((part) => part !== undefined);
        if (texts.length > 1 && texts.length === parts.length) this.fields.push(texts.at(-1) as string);
        break;
      }
      case "A_Indirection":
        for (const step of list(node["indirection"])) {
          const field = text(step);
          if (field === undefined) continue;
          this.fields.push(field);
          this.calls.push(field);
        }
        break;
      // Some of them are other operators when they run.
      case "A_Expr":
        if (/BETWEEN/.test(String(node["kind"]))) this.operators.push(["<"], [">"], ["<="], [">="]);
        else if (node["name"]) this.operators.push(names(node["name"]));
        break;
      case "SubLink":
        if (node["operName"]) this.operators.push(names(node["operName"]));
        else if (node["testexpr"]) this.operators.push(["="]);
        break;
      case "MinMaxExpr":
      case "CTECycleClause":
      case "CTESearchClause":
        this.#compares = true;
        break;
      case "CaseExpr":
        if (node["arg"]) this.operators.push(["="]);
        break;
      case "JoinExpr":
        if (node["isNatural"] || node["usingClause"]) this.operators.push(["="]);
        break;
      case "SortBy":
        if (node["useOp"]) this.operators.push(names(node["useOp"]));
        break;
      case "RangeTableSample":
        this.samplers.push(names(node["method"]).join("."));
        break;
      case "TypeName":
        this.#type(node);
        break;
      case "ParamRef":
        this.#params = Math.max(this.#params, Number(node["number"] ?? 0));
        break;
      case "CurrentOfExpr":
        this.refuseAll("WHERE CURRENT OF");
        break;
      default:
    }
  }

  // Some members hold a node without its name around it: the parser's structs embed them.
  #member(key: string, child: unknown): void {
    if (key === "intoClause") this.refuseAll("SELECT INTO");
    else if (key === "lockingClause") this.refuse("row locks (FOR UPDATE, FOR SHARE)");
    else if (/^(sort|group|distinct|window)Clause$/.test(key) || (key === "op" && /^SETOP_[UIE]/.test(String(child))))
      this.#compares = true;
    else if ((key === "typeName" || key === "argType") && isObject(child)) this.#type(child);
    else if (key === "onConflictClause" && isObject(child)) {
      const { action } = child as { action?: string };
      if (action === "ONCONFLICT_UPDATE") this.#strongest = Math.max(this.#strongest, strength.indexOf("update"));
    }
    if (isObject(child) && "relname" in child) this.#relation(child);
  }

  #function(node: Tree): void {
    const name = names(node["funcname"]);
    this.functions.push(name);
    // JSON_OBJECT is a keyword even where it is called.
    if (name.length === 2 && name[0] === "pg_catalog" && name[1] === "json_object") this.spelled.push(["json_object"]);
    if (name.at(-1) !== "current_setting") return;
    const setting = literal(list(node["args"])[0]);
    if (setting === undefined) this.#anySetting = true;
    else this.settings.push(setting.toLowerCase());
  }

  #relation(node: Tree): void {
    const { catalogname, schemaname, relname } = node as Readonly<Record<string, string | undefined>>;
    this.relations.push([catalogname, schemaname, relname].filter((part) => part !== undefined));
  }

  #type(node: Tree): void {
    if (node["names"]) this.types.push(names(node["names"]));
    if (node["pct_type"]) this.refuseAll("%TYPE");
  }
}

/** Names of WITH that can be seen somewhere. */
type Scope = ReadonlySet<string>;
const noNames: Scope = new Set();

/**
 * What a WITH adds to the names around it. Its queries go onto the stack with what each can see: those before it, or all of
 * them after RECURSIVE (parse_cte.c).
 */
function withNames(clause: Tree, outside: Scope, stack: [unknown, Scope][]): Scope {
  const ctes = list(clause["ctes"]) as readonly { readonly CommonTableExpr?: { readonly ctename?: string } }[];
  const seen = new Set(outside);
  const all = new Set([...outside, ...ctes.map(({ CommonTableExpr }) => CommonTableExpr?.ctename ?? "")]);
  for (const cte of ctes) {
    stack.push([cte, clause["recursive"] === true ? all : new Set(seen)]);
    seen.add(cte.CommonTableExpr?.ctename ?? "");
  }
  return all;
}

/** The text of a literal, also of one with a cast. */
function literal(value: unknown): string | undefined {
  const { A_Const, TypeCast } = (value ?? {}) as {
    readonly A_Const?: { readonly sval?: { readonly sval?: string } };
    readonly TypeCast?: { readonly arg?: unknown };
  };
  return TypeCast ? literal(TypeCast.arg) : A_Const?.sval && (A_Const.sval.sval ?? "");
}

/** Members that say where something stands in the text. */
const places = new Set([
  "location",
  "stmt_location",
  "stmt_len",
  "list_start",
  "list_end",
  "rexpr_list_start",
  "rexpr_list_end",
  "name_location",
]);

/** Without what differs when the same statement stands elsewhere in a text. With a stack of its own, as the walk has. */
function hashOf(tree: Tree): string {
  const hash = createHash("sha256");
  let text = "";
  /** Objects still to be written, and text that is written as it is. */
  const stack: unknown[] = [tree];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value === "string") {
      text += value;
      if (text.length > 65_536) {
        hash.update(text);
        text = "";
      }
      continue;
    }
    const many = Array.isArray(value);
    stack.push(many ? "]" : "}");
    const members = Object.entries(value as Tree);
    for (let at = members.length - 1; at >= 0; at -= 1) {
      const [key, child] = members[at] as [string, unknown];
      if (typeof child === "number" && places.has(key)) continue;
      stack.push(isObject(child) ? child : `${JSON.stringify(child)},`);
      if (!many) stack.push(`${JSON.stringify(key)}:`);
    }
    text += many ? "[" : "{";
  }
  return hash.update(text).digest("hex");
}

function nodeText(name: string): string {
  return statementNames[name] ?? name.replace(/Stmt$/, "").replace(/(?<=[a-z])(?=[A-Z])/g, " ");
}

const statementNames: Readonly<Record<string, string>> = {
  InsertStmt: "INSERT",
  UpdateStmt: "UPDATE",
  DeleteStmt: "DELETE",
  MergeStmt: "MERGE",
  TransactionStmt: "BEGIN, COMMIT, ROLLBACK and their kin",
  VariableSetStmt: "SET and RESET",
  CreateTableAsStmt: "CREATE TABLE AS",
  CreateStmt: "CREATE TABLE",
  CopyStmt: "COPY",
  DoStmt: "DO",
  CallStmt: "CALL",
  PrepareStmt: "PREPARE",
  ExecuteStmt: "EXECUTE",
  DeallocateStmt: "DEALLOCATE",
  TruncateStmt: "TRUNCATE",
  LockStmt: "LOCK",
  VacuumStmt: "VACUUM and ANALYZE",
  ClusterStmt: "CLUSTER",
  ReindexStmt: "REINDEX",
  CheckPointStmt: "CHECKPOINT",
  ListenStmt: "LISTEN",
  UnlistenStmt: "UNLISTEN",
  NotifyStmt: "NOTIFY",
  LoadStmt: "LOAD",
  DiscardStmt: "DISCARD",
  DeclareCursorStmt: "DECLARE CURSOR",
  FetchStmt: "FETCH and MOVE",
  ClosePortalStmt: "CLOSE",
  RefreshMatViewStmt: "REFRESH MATERIALIZED VIEW",
  AlterSystemStmt: "ALTER SYSTEM",
  CommentStmt: "COMMENT",
  SecLabelStmt: "SECURITY LABEL",
  GrantStmt: "GRANT and REVOKE",
  GrantRoleStmt: "GRANT and REVOKE",
  DropStmt: "DROP",
};

function names(value: unknown): string[] {
  return list(value).map((each) => text(each) ?? "");
}

function text(value: unknown): string | undefined {
  return (value as { String?: { sval?: string } }).String?.sval;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function unique(all: readonly Name[]): Name[] {
  return [...new Map(all.map((name) => [JSON.stringify(name), name])).values()];
}

function isObject(value: unknown): value is Tree {
  return typeof value === "object" && value !== null;
}
