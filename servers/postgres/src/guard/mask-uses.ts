import type { Tree } from "./walk.ts";

/** A relation of a statement that has masked columns. */
export interface MaskedRelation {
  readonly name: string;
  readonly masked: readonly string[];
  readonly columns: readonly string[];
}

/** What a statement does with masked columns. */
export interface MaskUse {
  /** Why it is refused; `undefined` when it only shows them. */
  readonly refusal: string | undefined;
  /** Masked columns may be among the columns of its answer. */
  readonly shows: boolean;
}

const written = /^(Insert|Update|Delete|Merge)Stmt$/;

/**
 * Whether a statement uses masked columns in any other way than showing them, which is to name them alone, or `*`, in the
 * outermost list of a SELECT. There the server says where a column of the answer comes from; everywhere else its value could
 * be told from what becomes of it. `outermost`: there is such a list (a view has none).
 */
export function maskUse(statement: Tree, relations: readonly MaskedRelation[], outermost: boolean): MaskUse {
  const found = new Uses(statement, relations);
  const shown = outermost ? found.shown() : new Set<unknown>();
  return found.judge(shown);
}

interface Range {
  readonly relname?: string;
  readonly alias?: { readonly aliasname?: string; readonly colnames?: unknown };
}

class Uses {
  readonly #statement: Tree;
  readonly #columns: ReadonlySet<string>;
  readonly #known: ReadonlySet<string>;
  /** Names that stand for a whole row with masked columns in it. */
  readonly #rows = new Set<string>();
  readonly #nodes: (readonly [name: string, node: Tree])[] = [];
  #refusal: string | undefined;

  constructor(statement: Tree, relations: readonly MaskedRelation[]) {
    this.#statement = statement;
    this.#columns = new Set(relations.flatMap(({ masked }) => masked));
    this.#known = new Set(relations.flatMap(({ columns }) => columns));
    const names = new Set(relations.map(({ name }) => name));
    const stack: unknown[] = [statement];
    while (stack.length > 0) {
      const value = stack.pop();
      if (typeof value !== "object" || value === null) continue;
      if (Array.isArray(value)) {
        for (const each of value) stack.push(each);
        continue;
      }
      for (const [key, child] of Object.entries(value)) {
        if (/^[A-Z]/.test(key)) this.#nodes.push([key, child as Tree]);
        if (typeof child === "object" && child !== null && "relname" in child) this.#range(child as Range, names);
        stack.push(child);
      }
    }
    for (const [name, node] of this.#nodes) if (name === "JoinExpr") this.#join(node);
  }

  #range({ relname = "", alias }: Range, names: ReadonlySet<string>): void {
    if (!names.has(relname)) return;
    this.#rows.add(relname);
    if (alias?.aliasname !== undefined) this.#rows.add(alias.aliasname);
    if (alias?.colnames !== undefined) this.#refuse("other names for the columns of a table with masked ones");
  }

  #join(node: Tree): void {
    const {
      isNatural,
      usingClause,
      alias,
      join_using_alias: using,
    } = node as {
      readonly isNatural?: boolean;
      readonly usingClause?: unknown;
      readonly alias?: Range["alias"];
      readonly join_using_alias?: Range["alias"];
    };
    if (isNatural) this.#refuse("NATURAL JOIN with a table that has masked columns");
    for (const column of strings(usingClause))
      if (this.#columns.has(column)) this.#refuse(`the masked column ${column} in USING`);
    if (alias?.colnames !== undefined) this.#refuse("other names for the columns of a table with masked ones");
    for (const each of [alias, using]) if (each?.aliasname !== undefined) this.#rows.add(each.aliasname);
  }

  #refuse(what: string): void {
    this.#refusal ??= what;
  }

  /** Column references that stand alone in the outermost list. */
  shown(): Set<unknown> {
    const select = this.#outermost();
    if (!select) return new Set();
    return new Set(
      targets(select).flatMap(({ val }) => {
        const reference = (val as { ColumnRef?: unknown } | undefined)?.ColumnRef;
        return reference === undefined ? [] : [reference];
      }),
    );
  }

  #outermost(): Tree | undefined {
    const explained = (this.#statement["ExplainStmt"] as { query?: Tree } | undefined)?.query;
    const select = (explained ?? this.#statement)["SelectStmt"] as Tree | undefined;
    return select && (select["op"] ?? "SETOP_NONE") === "SETOP_NONE" ? select : undefined;
  }

  judge(shown: ReadonlySet<unknown>): MaskUse {
    let shows = false;
    const aliases = this.#aliases(shown);
    for (const [name, node] of this.#nodes) {
      if (written.test(name)) this.#target(node);
      if (name === "A_Indirection")
        for (const field of strings(node["indirection"]))
          if (this.#columns.has(field)) this.#refuse(`the masked column ${field} in an expression`);
      if (name === "IndexElem" && this.#columns.has(String(node["name"])))
        this.#refuse(`the masked column ${String(node["name"])} in an index`);
      if (name !== "ColumnRef") continue;
      const reference = referenceOf(node);
      const { column, qualifier } = reference;
      if (qualifier !== undefined && !this.#rows.has(qualifier)) {
        // Of something else: nothing that is not masked carries a masked value, since none gets that far.
        if (column !== undefined && this.#rows.has(column)) this.#refuse(`the whole row ${column}`);
        continue;
      }
      if (column === undefined || this.#columns.has(column)) {
        if (shown.has(node)) shows = true;
        else if (column === undefined)
          this.#refuse("* other than in the outermost list, over a table with masked columns,");
        else this.#refuse(`the masked column ${column} other than shown as it is`);
      } else if (this.#rows.has(column)) this.#refuse(`the whole row ${column}, with masked columns in it,`);
      else if (qualifier !== undefined && !this.#known.has(column) && !system.has(column))
        this.#refuse(`${qualifier}.${column}, which is no column but a call with the whole row,`);
      else if (qualifier === undefined && aliases.has(column))
        this.#refuse(`the masked column ${column} to sort or group by`);
    }
    if (shows) this.#order();
    return { refusal: this.#refusal, shows };
  }

  /** Other names that masked columns are given in the outermost list. */
  #aliases(shown: ReadonlySet<unknown>): ReadonlySet<string> {
    const select = this.#outermost();
    if (!select) return new Set();
    return new Set(
      targets(select).flatMap(({ name, val }) => {
        const reference = (val as { ColumnRef?: Tree } | undefined)?.ColumnRef;
        if (name === undefined || reference === undefined || !shown.has(reference)) return [];
        const { column } = referenceOf(reference);
        return column !== undefined && this.#columns.has(column) ? [name] : [];
      }),
    );
  }

  // What is shown may be sorted and grouped by its place, or by all of the list.
  #order(): void {
    const select = this.#outermost();
    if (!select) return;
    const { distinctClause, sortClause, groupClause } = select as Readonly<Record<string, unknown>>;
    if (Array.isArray(distinctClause) && distinctClause.every((each) => Object.keys(Object(each)).length === 0))
      this.#refuse("DISTINCT over masked columns");
    const stack: unknown[] = [distinctClause, sortClause, groupClause];
    while (stack.length > 0) {
      const value = stack.pop();
      if (Array.isArray(value)) for (const each of value) stack.push(each);
      else if (typeof value === "object" && value !== null) {
        const { A_Const, SortBy, GroupingSet, List, RowExpr } = value as Readonly<Record<string, Tree | undefined>>;
        if (A_Const?.["ival"]) this.#refuse("a place in the list, where masked columns are shown, to sort or group by");
        if (SortBy) stack.push(SortBy["node"]);
        if (GroupingSet) stack.push(GroupingSet["content"]);
        if (List) stack.push(List["items"]);
        // GROUP BY (1, 2) groups by both places.
        if (RowExpr) stack.push(RowExpr["args"]);
      }
    }
  }

  #target(node: Tree): void {
    const { relation } = node as { readonly relation?: Range };
    if (relation?.relname !== undefined && this.#rows.has(relation.relname))
      this.#refuse(`changing ${relation.relname}, which has masked columns: an error could show them,`);
  }
}

/** Columns that every table has. */
const system = new Set(["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"]);

function referenceOf(node: Tree): { readonly column: string | undefined; readonly qualifier: string | undefined } {
  const fields = Array.isArray(node["fields"]) ? (node["fields"] as readonly Tree[]) : [];
  const [last, before] = [fields.at(-1), fields.at(-2)];
  return { column: stringOf(last), qualifier: stringOf(before) };
}

function targets(select: Tree): readonly { readonly name?: string; readonly val?: unknown }[] {
  const list = Array.isArray(select["targetList"]) ? (select["targetList"] as readonly Tree[]) : [];
  return list.map((each) => (each["ResTarget"] ?? {}) as { name?: string; val?: unknown });
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap((each) => stringOf(each) ?? []) : [];
}

function stringOf(value: unknown): string | undefined {
  return (value as { String?: { sval?: string } } | undefined)?.String?.sval;
}
