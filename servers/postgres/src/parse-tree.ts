import type { Tree } from "./guard/walk.ts";

/** Whether a part of libpg-query's JSON is a node, or what stands in one. */
export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `{ IndexStmt: {…} }` as its name and its body. */
export function topOf(tree: Tree): { readonly node: string; readonly body: Tree } {
  const [node = "", body] = Object.entries(tree)[0] ?? [];
  return { node, body: isTree(body) ? body : {} };
}

/** The body of the first of these nodes that stands in a value: `child(each, "AlterTableCmd")`. */
export function child(value: unknown, node: string): Tree | undefined {
  const found = isTree(value) ? value[node] : undefined;
  return isTree(found) ? found : undefined;
}

/** A member that is a list; empty where it is left out. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text, as such or as a `String` node. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const text = child(value, "String")?.["sval"];
  return typeof text === "string" ? text : undefined;
}

/** Every node below a tree, the tree's own ones included. Iterative: trees are as deep as their author likes. */
export function* nodesOf(tree: Tree): Generator<{ readonly name: string; readonly body: Tree }> {
  const stack: unknown[] = [tree];
  while (stack.length > 0) {
    const value = stack.pop();
    if (Array.isArray(value)) {
      stack.push(...value);
      continue;
    }
    if (!isTree(value)) continue;
    for (const [name, body] of Object.entries(value)) {
      if (/^[A-Z]/.test(name) && isTree(body)) yield { name, body };
      if (typeof body === "object" && body !== null) stack.push(body);
    }
  }
}

/** The options of a statement by their names: `WITH (a = 1)`, `(VERBOSE)`, `LANGUAGE x`. */
export function optionsOf(list: unknown): ReadonlyMap<string, unknown> {
  return new Map(
    listOf(list)
      .map((each) => child(each, "DefElem"))
      .filter((each) => each !== undefined)
      .map((each) => [textOf(each["defname"]) ?? "", each["arg"]]),
  );
}

/** Whether an option without a value, or with one that means yes, is there (PostgreSQL's defGetBoolean). */
export function isOn(options: ReadonlyMap<string, unknown>, name: string): boolean {
  if (!options.has(name)) return false;
  const value = options.get(name);
  if (value === undefined) return true;
  const text =
    textOf(value) ?? JSON.stringify(child(value, "Integer")?.["ival"] ?? child(value, "Boolean")?.["boolval"] ?? 0);
  return /^(true|on|1)$/i.test(text);
}
