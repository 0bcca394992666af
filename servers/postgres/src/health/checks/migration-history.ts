import { ToolError } from "@mooring/core";
import { count, counted } from "../amounts.ts";
import type { Check, CheckContext } from "../check.ts";
import type { Finding } from "../finding.ts";
import { alembic } from "../migrations/alembic.ts";
import { type Directory, readDirectory } from "../migrations/directory.ts";
import { drizzle } from "../migrations/drizzle.ts";
import { flyway } from "../migrations/flyway.ts";
import { golangMigrate } from "../migrations/golang-migrate.ts";
import { knex } from "../migrations/knex.ts";
import { prisma } from "../migrations/prisma.ts";
import { rails } from "../migrations/rails.ts";
import {
  type Files,
  type HistoryRow,
  type HistoryTable,
  listed,
  type MigrationTool,
  MOST_ROWS,
} from "../migrations/tool.ts";
import { arrayLiteral } from "../../database.ts";
import type { Value } from "../../row-set.ts";
import { scopeValues, visible } from "../scope.ts";

/** Of two with a table of the same name, the one that asks for more columns comes first. */
const tools: readonly MigrationTool[] = [prisma, flyway, alembic, knex, drizzle, golangMigrate, rails];
/** Bytes of a history that are read. */
const MOST_BYTES = 12_000_000;
const beside = ["knex_migrations_lock", "ar_internal_metadata"];

type Columns = "name" | "schema" | "table" | "readable" | "columns";
type Found = Readonly<Record<Columns, Value>>;

const candidates = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name, n.nspname::text AS schema, c.relname::text AS "table",
    has_table_privilege(c.oid, 'SELECT')::text AS readable,
    (SELECT json_agg(a.attname) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text AS columns
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relname = ANY ($3::text[]) AND ${visible("n.nspname")} ORDER BY 1`;

/** What tools of migration say was applied, and what of the operator's directory was not. */
export const migrationHistory: Check = {
  name: "migration_history",
  group: "migrations",
  title: "Migrations",
  why: "A migration that failed or was not applied leaves code and schema apart, and keeps later ones from running.",
  async run(context) {
    const { database, signal, migrations } = context;
    const names = arrayLiteral([...new Set(tools.map(({ table }) => table)), ...beside]);
    const found = await database.catalog<Found>(candidates, [...scopeValues(database.policy), names], signal);
    const histories = found.flatMap((row) => {
      const columns = new Set(JSON.parse(row.columns ?? "[]") as string[]);
      const tool = tools.find(
        (each) => each.table === row.table && each.columns.every((column) => columns.has(column)),
      );
      return tool ? [{ tool, row, table: historyTable(row, columns, found, context) }] : [];
    });
    const directory = migrations === undefined ? undefined : await directoryOf(migrations, signal);
    const findings = await Promise.all(histories.map((history) => told(history, directory, context)));
    const unread = typeof directory === "string" ? [unreadable(directory)] : [];
    const none = migrations !== undefined && histories.length === 0 && unread.length === 0 ? [nothingApplied] : [];
    return [...unread, ...none, ...findings.flat()];
  },
};

const nothingApplied: Finding = {
  severity: "info",
  subject: "migrations",
  evidence: "no history table of a known tool: nothing was applied here, or by a tool that is not known",
};

function historyTable(
  row: Found,
  columns: ReadonlySet<string>,
  all: readonly Found[],
  context: CheckContext,
): HistoryTable {
  return {
    name: row.name ?? "",
    columns,
    beside: (table) => {
      const other = all.find((each) => each.schema === row.schema && each.table === table);
      return other?.readable === "true" && !masked(other, context) ? (other.name ?? undefined) : undefined;
    },
  };
}

const masked = ({ schema, table }: Found, { database }: CheckContext) =>
  database.policy.mask.some((column) => column.startsWith(`${schema}.${table}.`));

/** The directory, or why it cannot be read: only the operator knows its path. */
async function directoryOf(path: string, signal: AbortSignal): Promise<Directory | string> {
  try {
    return await readDirectory(path, signal);
  } catch (error) {
    signal.throwIfAborted();
    return (error as NodeJS.ErrnoException).code ?? "failed";
  }
}

function unreadable(code: string): Finding {
  return {
    severity: "medium",
    subject: "--migrations",
    evidence: `its directory cannot be read (${code}): what is not applied is not known`,
  };
}

async function told(
  { tool, row, table }: { readonly tool: MigrationTool; readonly row: Found; readonly table: HistoryTable },
  directory: Directory | string | undefined,
  context: CheckContext,
): Promise<Finding[]> {
  const subject = table.name;
  if (masked(row, context))
    return [{ severity: "info", subject, evidence: `of ${tool.name}; not read: columns of it are masked` }];
  if (row.readable !== "true")
    return [{ severity: "info", subject, evidence: `of ${tool.name}; this login may not read it` }];
  const rows = await historyOf(tool.sql(table), context);
  if (rows === undefined)
    return [{ severity: "info", subject, evidence: `of ${tool.name}; not read: that would run code of this database` }];
  const { applied, last, problems } = tool.read(rows, table);
  const state: Finding = {
    severity: "info",
    subject,
    evidence: `${tool.name}, ${standing(applied, last)}`,
  };
  const files = typeof directory === "object" ? compared(tool, subject, await tool.compare(rows, directory)) : [];
  return [...problems, ...files, state];
}

/** Whoever may create a table chooses its name, its types and what they run, so that it is proved like anybody's query. */
async function historyOf(sql: string, { database, signal }: CheckContext): Promise<HistoryRow[] | undefined> {
  try {
    const statement = await database.prove(sql, signal);
    const { columns, rows } = await database.read(statement, { maxRows: MOST_ROWS, maxBytes: MOST_BYTES, signal });
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
  } catch (error) {
    if (error instanceof ToolError && error.kind === "denied") return undefined;
    throw error;
  }
}

function standing(applied: number | undefined, last: string | undefined): string {
  if (last === undefined) return "nothing applied";
  return applied === undefined ? `last applied: ${last}` : `${count(applied)} applied, last: ${last}`;
}

function compared(
  tool: MigrationTool,
  subject: string,
  { found, pending, skipped, missing, changed = [] }: Files,
): Finding[] {
  if (found === 0) return [{ severity: "info", subject, evidence: `--migrations holds no files of ${tool.name}` }];
  const findings: Finding[] = [];
  if (pending.length > 0)
    findings.push({
      severity: "medium",
      subject,
      evidence: `${counted(pending.length, "migration")} of ${found} not applied: ${listed(pending)}`,
    });
  if (skipped) findings.push({ severity: "medium", subject, evidence: `${skipped.why}: ${listed(skipped.names)}` });
  if (missing.length > 0)
    findings.push({ severity: "low", subject, evidence: `not in --migrations: ${listed(missing)}` });
  if (changed.length > 0)
    findings.push({ severity: "low", subject, evidence: `changed after they were applied: ${listed(changed)}` });
  return findings;
}
