import { createHash } from "node:crypto";
import { ToolError } from "@mooring/core";
import { arrayLiteral, type CatalogRow, type Database, type Session } from "../database.ts";
import type { Name } from "../guard/proof.ts";
import { catalogState, type CatalogItem } from "./catalog-state.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { short } from "../one-line.ts";
import { activity, type Holder, holdersOf } from "./holders.ts";
import type { Outside } from "./outside.ts";
import { allowsSchema } from "./policy-check.ts";
import { withFixedNames } from "./run-steps.ts";
import { quoted } from "./step.ts";

/** What can be said of a statement that cannot be tried. */
export interface OutsidePreview {
  /** In our words. */
  readonly says: readonly string[];
  /** Names, sizes, definitions and other people's SQL: foreign text. */
  readonly facts: readonly string[];
  /** Why it would fail, in our words; it cannot be applied then. */
  readonly wouldFail: string | undefined;
  readonly holders: readonly Holder[];
  /** What `apply` has to find again. */
  readonly fingerprint: string;
}

interface Target extends CatalogRow {
  readonly oid: string;
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  readonly rows: string;
  readonly bytes: string;
  readonly total: string;
  readonly dead: string;
  readonly scans: string;
  readonly definition: string;
  readonly constraint: string | null;
  readonly valid: string;
  /** The role may change it. */
  readonly owned: string;
  /** It may tend it: VACUUM, REINDEX. */
  readonly tended: string;
}

// Since version 17 MAINTAIN is a right of its own; before, the owner of the database may run VACUUM too.
const targets = (version: number) => `
  SELECT c.oid::text AS oid, c.relkind::text AS kind, n.nspname::text AS schema,
         pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
         c.reltuples::bigint::text AS rows, pg_catalog.pg_table_size(c.oid)::text AS bytes, pg_catalog.pg_total_relation_size(c.oid)::text AS total,
         coalesce(pg_catalog.pg_stat_get_dead_tuples(c.oid), 0)::text AS dead, coalesce(pg_catalog.pg_stat_get_numscans(c.oid), 0)::text AS scans,
         CASE WHEN c.relkind IN ('i', 'I') THEN pg_catalog.pg_get_indexdef(c.oid) ELSE '' END AS definition,
         (SELECT conname::text FROM pg_catalog.pg_constraint WHERE conindid = c.oid AND contype IN ('p', 'u', 'x') LIMIT 1) AS constraint,
         coalesce((SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = c.oid), true)::text AS valid,
         pg_catalog.pg_has_role(c.relowner, 'USAGE')::text AS owned,
         ${version >= 170_000 ? "pg_catalog.has_table_privilege(coalesce((SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = c.oid), c.oid), 'MAINTAIN')" : "pg_catalog.pg_has_role((SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()), 'USAGE')"}::text AS tended
    FROM pg_catalog.unnest($1::text[]) AS given
    JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(given)
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;

/** Looks at what the statement is about. Throws `not_found` for what is not there or may not be seen. */
export async function previewOutside(
  database: Database,
  outside: Outside,
  signal: AbortSignal,
): Promise<OutsidePreview> {
  const { versionNumber } = await database.facts(signal);
  return database.reading((session) => look(database, session, outside, versionNumber, signal), { signal });
}

async function look(
  database: Database,
  session: Session,
  outside: Outside,
  version: number,
  signal: AbortSignal,
): Promise<OutsidePreview> {
  const sql = targets(version);
  const find = async (names: readonly Name[]): Promise<Target[]> => {
    const found = await session.rows<Target>(sql, [arrayLiteral(names.map(quoted))]);
    if (found.length < names.length || found.some(({ schema }) => !allowsSchema(database.policy, schema)))
      throw new ToolError("not_found", "What the statement names is not there, or not allowed.", {
        hint: "Correct the name; `schema` shows what there is.",
      });
    return found;
  };
  const holding = (found: readonly Target[]) =>
    holdersOf(database, { relids: found.map(({ oid }) => oid), except: [session.pid] }, signal);
  const seal = async (found: readonly Target[]) => {
    const ids = arrayLiteral(found.map(({ oid }) => oid));
    return fingerprintOf(await withFixedNames(session, () => session.rows<CatalogItem>(catalogState, [ids, "{}"])));
  };

  switch (outside.kind) {
    case "create index": {
      const found = await find([outside.table]);
      const [table] = found;
      const schema = outside.table.length > 1 ? outside.table.slice(0, -1) : table ? [table.schema] : [];
      const [clash] =
        outside.index === undefined
          ? []
          : await session.rows<Target>(sql, [arrayLiteral([quoted([...schema, outside.index])])]);
      return {
        says: [
          "Reads and writes go on meanwhile. It reads the table twice and waits for transactions that are older than each pass.",
          "If it fails or is cancelled, an invalid index stays behind: it slows writes and answers nothing. Remove it by DROP INDEX CONCURRENTLY, then try again.",
          durationOf(found),
        ],
        facts: [
          ...found.map(tableLine),
          ...(clash
            ? [`There is already: ${clash.definition || clash.name}${clash.valid === "true" ? "" : " (invalid)"}`]
            : []),
        ],
        wouldFail:
          notOwned(found) ??
          (table?.kind === "p"
            ? "CREATE INDEX CONCURRENTLY does not work on partitioned tables: make it on each partition, then on the table with ONLY, and attach them."
            : clash && !outside.ifMissing
              ? "A relation of that name is there already."
              : undefined),
        holders: await holding(found),
        fingerprint: await seal(found),
      };
    }
    case "drop index": {
      const found = await find(outside.indexes);
      const constraint = found.some((each) => each.constraint !== null);
      return {
        says: [
          "Reads and writes go on meanwhile; it waits for transactions that may use the index.",
          ...(constraint
            ? []
            : [
                "Queries that used it become slower: the number of scans below counts since the statistics were last reset.",
              ]),
        ],
        facts: found.map(
          ({ definition, scans, bytes, valid }) =>
            `${definition} (${inBytes(bytes)}, ${scans} scans${valid === "true" ? "" : ", invalid"})`,
        ),
        wouldFail:
          notOwned(found) ??
          (constraint
            ? "The index belongs to a constraint: ALTER TABLE … DROP CONSTRAINT removes both."
            : outside.indexes.length > 1
              ? "DROP INDEX CONCURRENTLY takes one index."
              : undefined),
        holders: await holding(found),
        fingerprint: await seal(found),
      };
    }
    case "reindex": {
      const found = await find([outside.relation]);
      return {
        says: [
          "Reads and writes go on meanwhile. The new index needs as much room as the old one until it replaces it.",
          "If it fails or is cancelled, an invalid index ending in _ccnew stays behind (_ccold when it was already replaced): remove it by DROP INDEX CONCURRENTLY.",
          durationOf(found),
        ],
        facts: found.map(tableLine),
        wouldFail: notOwned(found, version >= 170_000),
        holders: await holding(found),
        fingerprint: await seal(found),
      };
    }
    case "vacuum": {
      const found = outside.tables.length > 0 ? await find(outside.tables) : [];
      return {
        says: [
          outside.full
            ? "VACUUM FULL writes the table anew under ACCESS EXCLUSIVE: reads and writes wait for all of it, and it needs as much free disk as the table holds."
            : "It removes dead rows; reads and writes go on meanwhile. It may be cancelled at any time.",
          ...(outside.analyze ? ["Statistics are collected anew, so plans may change."] : []),
          ...(found.length > 0
            ? [durationOf(found)]
            : ["No table is named: it goes through the whole database. Name one to keep it short."]),
        ],
        facts: found.map((each) => `${tableLine(each)}, ${each.dead} dead rows`),
        // PostgreSQL passes over what it may not sweep, and calls that done.
        wouldFail: notOwned(found, true),
        holders: outside.full ? await holding(found) : [],
        fingerprint: await seal(found),
      };
    }
    case "signal": {
      const [row] = await session.rows<CatalogRow>(activity, [String(outside.pid)]);
      if (!row)
        throw new ToolError("not_found", `There is no session with the process id ${outside.pid}.`, {
          hint: "`health` with checks locks shows sessions.",
        });
      const sql = await database.normalize(row["query"] ?? "").catch(() => "");
      const client = row["type"] === "client backend";
      return {
        says: [
          outside.action === "cancel"
            ? "It cancels the statement that the session runs; its transaction fails."
            : "It ends the session: its transaction is rolled back, its temporary tables go.",
        ],
        facts: [
          `pid ${outside.pid}: ${[row["user"], row["application"], row["state"]].filter(Boolean).join(", ")}${row["seconds"] ? `, transaction for ${row["seconds"]} s` : ""}`,
          ...(sql ? [short(sql, 300)] : []),
        ],
        wouldFail: client ? undefined : "The process serves no client: it belongs to the server itself.",
        holders: [],
        fingerprint: hash(row["started"] ?? ""),
      };
    }
    case "setting":
      return {
        says: [
          "ALTER SYSTEM writes postgresql.auto.conf of the whole server; it counts after a reload or restart. It cannot be tried.",
        ],
        facts: (
          await session.rows<CatalogRow>(
            "SELECT name, setting, coalesce(unit, '') AS unit, context FROM pg_catalog.pg_settings WHERE name = $1",
            [outside.setting],
          )
        ).map(({ name, setting, unit, context }) => `${name} is ${setting}${unit} (${context})`),
        wouldFail: undefined,
        holders: [],
        fingerprint: hash("setting"),
      };
    case "copy":
      return {
        says: [
          `${outside.from ? "COPY FROM reads" : "COPY TO writes"} ${outside.program ? "by a program of the server's machine, whose effects nothing takes back" : "a file of the server's machine"}. It cannot be tried.`,
        ],
        facts: [],
        wouldFail: undefined,
        holders: [],
        fingerprint: hash("copy"),
      };
  }
}

/** Only who owns something may change it: https://www.postgresql.org/docs/current/ddl-priv.html */
function notOwned(found: readonly Target[], tending = false): string | undefined {
  const may = found.every(({ owned, tended }) => owned === "true" || (tending && tended === "true"));
  return may
    ? undefined
    : "The role of this connection may not do that. Ask the person for a role that may, usually the owner.";
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function tableLine({ name, rows, total, kind }: Target): string {
  const count = Number(rows) >= 0 && kind !== "i" ? `about ${rows} rows, ` : "";
  return `${name}: ${count}${inBytes(total)} with indexes`.replace(kind === "i" ? " with indexes" : "\0", "");
}

/** A class, not a promise: disks differ. */
function durationOf(found: readonly Target[]): string {
  const bytes = found.reduce((sum, { total }) => sum + Number(total), 0);
  const long = bytes < 100e6 ? "Seconds" : bytes < 10e9 ? "Minutes" : "Perhaps hours";
  return `${long}, by the size.`;
}

const units = ["bytes", "kB", "MB", "GB", "TB"];

export function inBytes(value: string | number): string {
  let size = Number(value);
  let unit = 0;
  while (size >= 1_024 && unit < units.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  return `${size >= 10 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}
