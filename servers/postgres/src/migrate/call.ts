import { type Question, type ToolContext, ToolError, untrusted, type Verdict } from "@mooring/core";
import { catalogOf } from "../catalog/catalog.ts";
import type { Database } from "../database.ts";
import { inMemory } from "../demo/in-memory.ts";
import { applySteps } from "./apply.ts";
import { codeThatRuns } from "./brought-code.ts";
import { lookUpCode } from "./functions.ts";
import { applyOutside } from "./outside-apply.ts";
import { type OutsidePreview, previewOutside } from "./outside-preview.ts";
import { applying, outsideLimit, previewing } from "./limits.ts";
import { refuseNames } from "./policy-check.ts";
import { type Preview, previewSteps } from "./preview.ts";
import { type Migration, readMigration } from "./read-migration.ts";
import { appliedText, effectOf, inMs, outsideText, previewText } from "./report.ts";
import { createTokens } from "./tokens.ts";
import type { Deps } from "../tool.ts";

/** As the tool takes it. */
export interface Call {
  readonly sql: string;
  readonly apply: boolean;
  readonly token?: string | undefined;
  readonly database?: string | undefined;
}

type Context = ToolContext<Deps>;

/** What a token stands for. */
type Kept =
  | { readonly kind: "steps"; readonly preview: Preview }
  | { readonly kind: "outside"; readonly preview: OutsidePreview };

const tokens = createTokens<Kept>();

/** Whether a person is asked: before an application by its access, before a preview where it runs code. */
export async function verdictOn(
  { sql, apply, token, database: name }: Call,
  { databases, config, principal, signal }: Context,
): Promise<Verdict> {
  const database = databases.get(name);
  const migration = await readMigration(database, sql, config.allowStatements);
  const steps = stepsOf(migration);
  refuseNames(database.policy, steps);
  refuseCopy(database, migration);
  if (apply) {
    tokens.find(tokenOf(token), { sql, database: database.name, principal });
    return "allow";
  }
  // One that signals a session calls a function that no migration may; it is run by a statement of ours.
  if (migration.kind === "outside" && migration.outside.kind === "signal") return "allow";
  const code = await lookUpCode(database, steps, signal);
  const why = migration.kind === "steps" ? codeThatRuns(steps, code) : undefined;
  return why === undefined ? "allow" : { confirm: why };
}

/** What a person is asked. */
export function questionOf({ sql, apply, token, database: name }: Call, { databases, principal }: Context): Question {
  const database = databases.get(name);
  const target = `the database ${database.name}`;
  if (!apply)
    return { target, effect: `tries the statements in a transaction and rolls it back.${cutNote(sql)}`, quote: sql };
  const kept = tokens.find(tokenOf(token), { sql, database: database.name, principal });
  const effect =
    kept.kind === "steps"
      ? effectOf(kept.preview)
      : `runs one statement outside transactions; nothing takes it back. ${kept.preview.says[0] ?? ""}`;
  // What is lost stands first: a long text is cut.
  const removals = kept.kind === "steps" ? kept.preview.bond.changes.filter((line) => line.startsWith("- ")) : [];
  return { target, effect: effect + cutNote(sql, removals), quote: [...removals, sql].join("\n") };
}

/** Previews, or applies what was previewed. Resolves to what a model reads. */
export async function carryOut({ sql, apply, token, database: name }: Call, context: Context): Promise<string> {
  const { databases, config, principal, signal, deadline, progress } = context;
  const database = databases.get(name);
  const migration = await readMigration(database, sql, config.allowStatements);
  const owner = { sql, database: database.name, principal };
  if (!apply) {
    if (token !== undefined)
      throw new ToolError("invalid_input", "A token is for applying.", {
        hint: "Add apply true, or leave the token out.",
      });
    if (migration.kind === "outside") {
      const preview = await previewOutside(database, migration.outside, signal);
      const issued = preview.wouldFail === undefined ? tokens.issue(owner, { kind: "outside", preview }) : undefined;
      return outsideText(migration.step, preview, issued, { asks: config.confirm === "elicit" });
    }
    const preview = await previewSteps(database, migration.steps, previewing(config, deadline), signal);
    const issued = preview.halt === undefined ? tokens.issue(owner, { kind: "steps", preview }) : undefined;
    return previewText(preview, issued, { asks: config.confirm === "elicit" });
  }
  const kept = tokens.take(tokenOf(token), owner);
  if (migration.kind === "outside" && kept.kind === "outside") {
    const { fingerprint } = kept.preview;
    const limits = { statement: outsideLimit(config, deadline) };
    const done = await applyOutside(database, migration.step, migration.outside, fingerprint, limits, {
      signal,
      progress,
    });
    catalogOf(database).changed();
    const said = done.notices.length > 0 ? `\n${untrusted(done.notices.join("\n"))}` : "";
    return [`${done.did} It took ${inMs(done.ms)}.`, inMemory(context)].filter(Boolean).join(" ") + said;
  }
  if (migration.kind !== "steps" || kept.kind !== "steps") throw tokenOfOther();
  const { steps } = migration;
  const { bond } = kept.preview;
  const reports = await applySteps(database, steps, bond, applying(config, deadline), signal, (done) =>
    progress(done, steps.length),
  );
  catalogOf(database).changed();
  return appliedText(reports, bond.changes, inMemory(context));
}

function stepsOf(migration: Migration) {
  return migration.kind === "steps" ? migration.steps : [migration.step];
}

/** Characters of a quote that core shows. */
const SHOWN = 600;

function cutNote(sql: string, lines: readonly string[] = []): string {
  return [...lines, sql].join("\n").length > SHOWN ? " The SQL is longer than what is shown below." : "";
}

function tokenOf(token: string | undefined): string {
  if (token !== undefined) return token;
  throw new ToolError("invalid_input", "Applying needs the token of a preview.", {
    hint: "Call without `apply` first, and show the person what it says.",
  });
}

function tokenOfOther(): ToolError {
  return new ToolError("invalid_input", "The token belongs to a preview of another text or database.", {
    hint: "Give exactly the SQL that was previewed, or preview this one.",
  });
}

/** COPY to and from the server's files passes by every rule about schemas and columns. */
function refuseCopy({ policy }: Database, migration: Migration): void {
  const restricted = policy.mask.length > 0 || policy.schemas !== undefined || policy.denySchemas.length > 0;
  if (restricted && migration.kind === "outside" && migration.outside.kind === "copy")
    throw new ToolError("denied", "COPY with files or programs is not allowed where schemas or columns are closed.", {
      hint: "Tell the person: --schemas, --deny-schemas and --mask decide.",
    });
}
