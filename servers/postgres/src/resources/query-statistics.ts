import { ToolError } from "@mooring/core";
import { resource } from "../tool.ts";

const mimeType = "text/plain";

/** What pg_stat_statements knows of one statement; `fingerprint` is its queryid. */
export const queryStatistics = resource({
  name: "query",
  title: "Statistics of a statement",
  description: "Normalized text, calls, times, blocks and WAL of one statement of pg_stat_statements, by its queryid.",
  uri: "pg://{database}/queries/{fingerprint}",
  mimeType,
  // One page for each database. A list is no place for a database that cannot be reached, or has no such extension.
  async list(cursor, { databases, signal }) {
    const index = Number(cursor ?? 0);
    const name = databases.names[index];
    if (name === undefined) return { resources: [] };
    const { weightiestStatements } = await import("../health/statement-statistics.ts");
    const statements = await weightiestStatements(databases.get(name), signal).catch(() => {
      signal.throwIfAborted();
      return [];
    });
    const resources = statements.map(({ id, about }) => ({
      uri: `pg://${encodeURIComponent(name)}/queries/${id}`,
      name: `query ${id}`,
      description: about,
      mimeType,
    }));
    return { resources, nextCursor: index + 1 < databases.names.length ? String(index + 1) : undefined };
  },
  async read(uri, { database: name = "", fingerprint = "" }, { databases, signal }) {
    // A queryid is a bigint; anything else is no name of a statement.
    if (!databases.names.includes(name) || !/^-?\d{1,19}$/.test(fingerprint)) throw notFound();
    const { statementStatistics } = await import("../health/statement-statistics.ts");
    const text = await statementStatistics(databases.get(name), fingerprint, signal);
    if (text === undefined) throw notFound();
    return [{ uri, mimeType, text }];
  },
  complete: { database: (typed, { databases }) => databases.names.filter((name) => name.startsWith(typed)) },
});

function notFound(): ToolError {
  return new ToolError("not_found", "There is no such statement in pg_stat_statements.", {
    hint: "It forgets what is rare; `health` with checks queries names those that are there.",
  });
}
