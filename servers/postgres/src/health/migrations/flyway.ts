import { posix } from "node:path";
import type { HistoryRow, MigrationTool } from "./tool.ts";
import { MOST_ROWS } from "./tool.ts";

/**
 * `V1.2__name.sql`, `R__name.sql`; a version's last row counts. https://documentation.red-gate.com/flyway (schema history table, migrations)
 */
export const flyway: MigrationTool = {
  name: "Flyway",
  table: "flyway_schema_history",
  columns: ["installed_rank", "version", "script", "success"],
  sql: ({ name }) => `
    SELECT version, description, type, script, date_trunc('second', installed_on)::text AS at, success::text AS success
    FROM ${name} ORDER BY installed_rank LIMIT ${MOST_ROWS}`,
  read(rows, { name }) {
    const { versions, repeatables } = stateOf(rows);
    const done = [...versions.values(), ...repeatables.values()];
    const last = rows.findLast((row) => done.includes(row));
    const failed = rows.filter(({ success }) => success === "false");
    return {
      applied: done.length,
      last: last && `${last["version"] ?? "repeatable"} ${last["description"]} at ${last["at"]}`,
      problems: failed.map((row) => ({
        severity: "high" as const,
        subject: `${name} ${row["script"]}`,
        evidence: `failed at ${row["at"]}; \`flyway repair\` after what it left is undone`,
        fix: `DELETE FROM ${name} WHERE NOT success;`,
      })),
    };
  },
  compare(rows, { files }) {
    const { versions, repeatables, baseline } = stateOf(rows);
    const newest = [...versions.keys()].toSorted(compareVersions).at(-1);
    const scripts = files.map((path) => posix.basename(path)).flatMap((name) => script(name) ?? []);
    const pending = scripts.filter(({ version, description }) => {
      if (version === undefined) return !repeatables.has(description);
      return !versions.has(version) && !(baseline !== undefined && compareVersions(version, baseline) <= 0);
    });
    pending.sort((a, b) => compareVersions(a.version ?? "", b.version ?? "") || a.name.localeCompare(b.name));
    const late = pending.filter(
      ({ version }) => version !== undefined && newest !== undefined && compareVersions(version, newest) < 0,
    );
    const there = new Set(scripts.map(({ version }) => version));
    return {
      found: scripts.length,
      pending: pending.map(({ name }) => name),
      skipped:
        late.length > 0
          ? {
              names: late.map(({ name }) => name),
              why: "older than what is applied: Flyway passes over them unless outOfOrder is on",
            }
          : undefined,
      missing: [...versions]
        .filter(([version, { type }]) => type === "SQL" && !there.has(version))
        .map(([, row]) => row["script"] ?? ""),
    };
  },
};

interface State {
  readonly versions: ReadonlyMap<string, HistoryRow>;
  readonly repeatables: ReadonlyMap<string, HistoryRow>;
  readonly baseline: string | undefined;
}

function stateOf(rows: readonly HistoryRow[]): State {
  const versions = new Map<string, HistoryRow>();
  const repeatables = new Map<string, HistoryRow>();
  let baseline: string | undefined;
  for (const row of rows) {
    const { version, type, success, description } = row;
    if (success === "false" || type === "SCHEMA") continue;
    if (version === null || version === undefined) {
      if (type === "DELETE") repeatables.delete(description ?? "");
      else if (description) repeatables.set(description, row);
      continue;
    }
    const key = canonical(version);
    if (type === "DELETE" || type?.startsWith("UNDO")) versions.delete(key);
    else versions.set(key, row);
    if (type?.includes("BASELINE")) baseline = key;
  }
  return { versions, repeatables, baseline };
}

function script(
  name: string,
): { readonly name: string; readonly version: string | undefined; readonly description: string } | undefined {
  const versioned = /^V(\d[\d._]*)__(.*)\.\w+$/.exec(name);
  if (versioned) return { name, version: canonical(versioned[1] ?? ""), description: versioned[2] ?? "" };
  const repeatable = /^R__(.*)\.\w+$/.exec(name);
  return repeatable ? { name, version: undefined, description: (repeatable[1] ?? "").replaceAll("_", " ") } : undefined;
}

/** `1_0`, `1.0.0` and `01` are version 1. */
function canonical(version: string): string {
  return version
    .split(/[._]/)
    .map((part) => part.replace(/^0+(?=\d)/, ""))
    .join(".")
    .replace(/(\.0)+$/, "");
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [BigInt(digits(left[i])), BigInt(digits(right[i]))];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

const digits = (part = "") => (/^\d+$/.test(part) ? part : "0");
