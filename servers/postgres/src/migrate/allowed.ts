import { ToolError } from "@mooring/core";
import type { Tree } from "../guard/walk.ts";
import type { Config } from "../options.ts";
import type { Step } from "./step.ts";
import { child, listOf, nodesOf, optionsOf, textOf } from "../parse-tree.ts";

type Flag = Config["allowStatements"][number];

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Statements that a transaction takes back as a whole, the only ones a preview may run (parsenodes.h of PostgreSQL 18). */
const ordinary = new Set(
  words(`
  CreateStmt CreateTableAsStmt CreateSchemaStmt CreateForeignTableStmt AlterTableStmt IndexStmt DropStmt RenameStmt
  AlterObjectSchemaStmt AlterObjectDependsStmt AlterOwnerStmt CommentStmt CreateSeqStmt AlterSeqStmt ViewStmt
  RefreshMatViewStmt CreateFunctionStmt AlterFunctionStmt CreateTrigStmt CreateEventTrigStmt AlterEventTrigStmt RuleStmt
  CreatePolicyStmt AlterPolicyStmt CreateEnumStmt AlterEnumStmt CreateRangeStmt CompositeTypeStmt AlterTypeStmt
  CreateDomainStmt AlterDomainStmt DefineStmt CreateOpClassStmt CreateOpFamilyStmt AlterOpFamilyStmt AlterOperatorStmt
  AlterCollationStmt CreateCastStmt CreateStatsStmt AlterStatsStmt AlterTSDictionaryStmt AlterTSConfigurationStmt
  TruncateStmt LockStmt ClusterStmt ReindexStmt ConstraintsSetStmt CreatePublicationStmt AlterPublicationStmt InsertStmt
  UpdateStmt DeleteStmt MergeStmt VariableSetStmt VacuumStmt`),
);

/** Parts of other statements. */
const nested = new Set(words("SelectStmt ReturnStmt SetOperationStmt"));

/** Statements that only the operator opens. */
const flagged = new Map<string, Flag>([
  ["DoStmt", "do"],
  ["CopyStmt", "copy-program"],
  ...words(`CreateRoleStmt AlterRoleStmt AlterRoleSetStmt DropRoleStmt GrantRoleStmt GrantStmt AlterDefaultPrivilegesStmt
    ReassignOwnedStmt DropOwnedStmt`).map((node) => [node, "roles"] as const),
  ...words("CreateExtensionStmt AlterExtensionStmt AlterExtensionContentsStmt CreatePLangStmt").map(
    (node) => [node, "extensions"] as const,
  ),
  ...words(`AlterSystemStmt CreateFdwStmt AlterFdwStmt CreateForeignServerStmt AlterForeignServerStmt CreateUserMappingStmt
    AlterUserMappingStmt DropUserMappingStmt ImportForeignSchemaStmt`).map((node) => [node, "server"] as const),
]);

const kindsOfObjects: Readonly<Record<string, Flag>> = {
  OBJECT_EXTENSION: "extensions",
  OBJECT_LANGUAGE: "extensions",
  OBJECT_ACCESS_METHOD: "extensions",
  OBJECT_TRANSFORM: "extensions",
  OBJECT_FDW: "server",
  OBJECT_FOREIGN_SERVER: "server",
  OBJECT_ROLE: "roles",
};

/** Objects beyond this database: nothing of them can be previewed. */
const beyond = new Set(["OBJECT_DATABASE", "OBJECT_TABLESPACE", "OBJECT_SUBSCRIPTION", "OBJECT_PARAMETER_ACL"]);

/** Why a statement is no part of a migration, and what to do instead; others get the general answer. */
const instead: Readonly<Record<string, string>> = {
  SelectStmt: "Read with `query`. To set a sequence use ALTER SEQUENCE … RESTART, which a transaction takes back.",
  TransactionStmt: "Leave BEGIN, COMMIT, ROLLBACK and SAVEPOINT out: the migration runs in one transaction as it is.",
  VariableSetStmt:
    "Use SET LOCAL with lock_timeout, statement_timeout, search_path or work memory; write names with their schema.",
  CallStmt: "A procedure may commit, so it cannot be previewed: let the person run it.",
  ExplainStmt: "Use `explain`.",
  DiscardStmt: "Leave it out: sessions are the server's.",
  NotifyStmt: "Leave it out.",
};

/** Settings that a migration may set for itself: how long it waits, and where names are looked up. */
const settings = new Set(
  words("lock_timeout statement_timeout search_path maintenance_work_mem work_mem max_parallel_maintenance_workers"),
);

/**
 * Refuses what cannot be taken back by a transaction, what nobody knows, and what the operator has not opened. Whole trees are
 * looked at: CREATE SCHEMA and CREATE RULE hold statements.
 * @throws ToolError `denied` naming the statement and the way on
 */
export function refuseUnlessAllowed(step: Step, open: readonly Flag[]): void {
  check(step, step.node, step.body, open);
  for (const { name, body } of nodesOf(step.body))
    if (name.endsWith("Stmt") && !nested.has(name)) check(step, name, body, open);
}

function check(step: Step, node: string, body: Tree, open: readonly Flag[]): void {
  const flag = flagOf(node, body);
  if (flag !== undefined) {
    if (open.includes(flag)) return;
    throw denied(step, nameOf(node), `Only the operator opens it: tell the person about --allow-statement ${flag}.`);
  }
  if (node === "CopyStmt")
    throw denied(step, "COPY from or to the client", "Use `write` with INSERT, or `query` with format csv.");
  const object = [body["removeType"], body["renameType"], body["objectType"], body["objtype"]].find((each) =>
    beyond.has(String(each)),
  );
  if (!ordinary.has(node) || (object !== undefined && node !== "CommentStmt"))
    throw denied(
      step,
      nameOf(node),
      instead[node] ?? "It cannot be previewed and taken back: let the person run it by hand.",
    );
  if (node === "VariableSetStmt") checkSetting(step, body);
  if (node === "AlterTableStmt") checkDetach(step, body);
  if (node === "ReindexStmt" && !/_(INDEX|TABLE)$/.test(String(body["kind"])))
    throw denied(step, "REINDEX of a schema, a database or the system", "Name one table or one index.");
  if (node === "ClusterStmt" && body["relation"] === undefined)
    throw denied(step, "CLUSTER of all tables", "Name one.");
  if (node === "VacuumStmt" && body["is_vacuumcmd"] === true)
    throw denied(step, "VACUUM beside other statements", "It runs outside transactions: give it alone.");
}

function flagOf(node: string, body: Tree): Flag | undefined {
  if (node === "CopyStmt") return body["filename"] === undefined ? undefined : "copy-program";
  if (node === "CreateFunctionStmt") {
    // It loads a library, or gives a function of the server another name.
    const language = textOf(optionsOf(body["options"]).get("language"))?.toLowerCase();
    return language === "c" || language === "internal" ? "extensions" : undefined;
  }
  const object = body["removeType"] ?? body["renameType"] ?? body["objectType"];
  if (/^(Drop|Rename|AlterOwner|AlterObjectSchema)Stmt$/.test(node) && kindsOfObjects[String(object)])
    return kindsOfObjects[String(object)];
  return flagged.get(node);
}

function checkSetting(step: Step, body: Tree): void {
  const name = (textOf(body["name"]) ?? "").toLowerCase();
  if (body["is_local"] === true && body["kind"] === "VAR_SET_VALUE" && settings.has(name)) return;
  throw denied(step, `SET ${name}`.trim(), instead["VariableSetStmt"] ?? "");
}

function checkDetach(step: Step, body: Tree): void {
  for (const each of listOf(body["cmds"])) {
    const command = child(each, "AlterTableCmd");
    const partition = child(command?.["def"], "PartitionCmd");
    if (command?.["subtype"] === "AT_DetachPartitionFinalize" || partition?.["concurrent"] === true)
      throw denied(
        step,
        "DETACH PARTITION CONCURRENTLY",
        "It runs outside transactions: use DETACH PARTITION, or let the person run it by hand.",
      );
  }
}

function denied({ number, line }: Step, what: string, hint: string): ToolError {
  return new ToolError("denied", `Statement ${number} (line ${line}): ${what} is not allowed in a migration.`, {
    hint,
  });
}

/** `ALTER SYSTEM` for `AlterSystemStmt`. */
export function nameOf(node: string): string {
  return (
    named[node] ??
    node
      .replace(/Stmt$/, "")
      .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
      .toUpperCase()
  );
}

const named: Readonly<Record<string, string>> = {
  TransactionStmt: "BEGIN or COMMIT",
  VariableSetStmt: "SET",
  SelectStmt: "SELECT",
  CopyStmt: "COPY from or to a file or program",
  GrantStmt: "GRANT or REVOKE",
  GrantRoleStmt: "GRANT or REVOKE of a role",
  CreatedbStmt: "CREATE DATABASE",
  DropdbStmt: "DROP DATABASE",
  CreatePLangStmt: "CREATE LANGUAGE",
  CreateFunctionStmt: "CREATE FUNCTION in the language c or internal",
  VariableShowStmt: "SHOW",
  VacuumStmt: "VACUUM",
  DropStmt: "DROP of such an object",
  RenameStmt: "renaming of such an object",
  AlterOwnerStmt: "changing the owner of such an object",
};
