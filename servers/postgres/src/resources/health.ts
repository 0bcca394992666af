import { ToolError } from "@mooring/core";
import { resource } from "../tool.ts";

const mimeType = "text/plain";

/** The report of all checks, as the tool `health` gives it. */
export const health = resource({
  name: "health",
  title: "Health",
  description: "Problems of a database, worst first, as `health` finds them.",
  uri: "pg://{database}/health",
  mimeType,
  list: (_cursor, { databases }) => ({
    resources: databases.names.map((name) => ({
      uri: healthUri(name),
      name: `${name} health`,
      description: "Problems, worst first.",
      mimeType,
    })),
  }),
  async read(uri, { database: name = "" }, { databases, config, signal }) {
    if (!databases.names.includes(name)) throw new ToolError("not_found", "There is no such database.");
    const { healthReport, reportText } = await import("../health/answer.ts");
    const report = await healthReport(databases.get(name), { config, signal });
    return [{ uri, mimeType, text: reportText(report) }];
  },
  complete: { database: (typed, { databases }) => databases.names.filter((name) => name.startsWith(typed)) },
});

function healthUri(database: string): string {
  return `pg://${encodeURIComponent(database)}/health`;
}
