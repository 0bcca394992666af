import { type MigrationTool, MOST_ROWS } from "./tool.ts";

interface Revision {
  readonly file: string;
  readonly id: string;
  readonly after: readonly string[];
}

/** A graph of revisions by the heads of Python files; the table holds where the database stands. https://alembic.sqlalchemy.org/ */
export const alembic: MigrationTool = {
  name: "Alembic",
  table: "alembic_version",
  columns: ["version_num"],
  sql: ({ name }) => `SELECT version_num AS id FROM ${name} ORDER BY 1 LIMIT ${MOST_ROWS}`,
  read(rows) {
    return {
      applied: undefined,
      last: rows.length > 0 ? `at ${rows.map(({ id }) => id).join(", ")}` : undefined,
      problems: [],
    };
  },
  compare(rows, { heads }) {
    const revisions = [...heads].flatMap(([file, head]) => revisionOf(file, head) ?? []);
    const byId = new Map(revisions.map((revision) => [revision.id, revision]));
    const applied = new Set<string>();
    const missing: string[] = [];
    const open = rows.map(({ id }) => id ?? "");
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (applied.has(id)) continue;
      applied.add(id);
      const revision = byId.get(id);
      if (revision) open.push(...revision.after);
      else missing.push(id);
    }
    // Behind a revision that no file has, nobody knows what is applied.
    const lost = missing.length > 0;
    return {
      found: revisions.length,
      pending: lost ? [] : inOrder(revisions.filter(({ id }) => !applied.has(id))).map(({ file }) => file),
      missing: missing.map((id) => `revision ${id}`),
    };
  },
};

function revisionOf(file: string, head: string): Revision | undefined {
  const id = /^revision(?:\s*:[^=\n]+)?\s*=\s*["']([^"'\n]+)["']/m.exec(head)?.[1];
  if (id === undefined) return undefined;
  // A tuple of several parents may go over lines; the next assignment ends it.
  const [, parents = ""] = /^down_revision(?:\s*:[^=\n]+)?\s*=\s*([\s\S]*?)(?=^\w|(?![\s\S]))/m.exec(head) ?? [];
  return {
    file,
    id,
    after: [...parents.replace(/#.*$/gm, "").matchAll(/["']([^"'\n]+)["']/g)].map(([, parent = ""]) => parent),
  };
}

/** Parents first. */
function inOrder(revisions: readonly Revision[]): Revision[] {
  const byId = new Map(revisions.map((revision) => [revision.id, revision]));
  const done = new Set<Revision>();
  const visiting = new Set<Revision>();
  const visit = (revision: Revision): void => {
    if (done.has(revision) || visiting.has(revision)) return;
    visiting.add(revision);
    for (const id of revision.after) {
      const parent = byId.get(id);
      if (parent) visit(parent);
    }
    done.add(revision);
  };
  for (const revision of revisions) visit(revision);
  return [...done];
}
