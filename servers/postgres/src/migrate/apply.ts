import { ToolError, untrusted } from "@mooring/core";
import type { Database } from "../database.ts";
import { mapError } from "../errors.ts";
import { type Bond, bondOf, didTheSame } from "./bond.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type Holder, holdersOf } from "./holders.ts";
import { sqlMode } from "./locks.ts";
import { reportsOf, type StepReport, unionOf } from "./preview.ts";
import { type Halt, runAll, type RunLimits } from "./run-all.ts";
import { readState, withFixedNames } from "./run-steps.ts";
import { short } from "../one-line.ts";
import { quoted, type Step } from "./step.ts";

/**
 * Runs what was previewed in one transaction, and commits when it did exactly what the preview said.
 * @throws ToolError `conflict` where the schema has changed since or a statement fails, `outcome_unknown` where the connection
 * broke around COMMIT; nothing was changed otherwise
 */
export async function applySteps(
  database: Database,
  steps: readonly Step[],
  bond: Bond,
  limits: RunLimits,
  signal: AbortSignal,
  onStep: (done: number) => void,
): Promise<readonly StepReport[]> {
  let halted: Halt | undefined;
  try {
    return await database.writing(
      async (session) => {
        const before = await withFixedNames(session, () => readState(session, bond.scope));
        if (fingerprintOf(before) !== bond.fingerprint)
          throw changed("What the migration touches has changed since its preview.");
        const { traces, scans, halt } = await runAll(session, steps, limits, database.policy, onStep);
        if (halt) {
          halted = halt;
          throw new ToolError("conflict", "The migration was rolled back.");
        }
        if (!didTheSame(bond, bondOf(unionOf(traces), before, traces)))
          throw changed("The migration does something else now than in its preview.");
        return { commit: true, value: reportsOf(traces, before, scans) };
      },
      { signal },
    );
  } catch (error) {
    if (halted) throw await failed(database, halted, signal);
    throw error;
  }
}

function changed(what: string): ToolError {
  return new ToolError("conflict", `${what} Nothing was changed.`, {
    hint: "Preview it again, and show the person what is different.",
  });
}

async function failed(database: Database, halt: Halt, signal: AbortSignal): Promise<ToolError> {
  if (halt.kind === "time" || halt.kind === "large")
    return new ToolError(
      "timeout",
      `There was no time left for statement ${halt.step.number}. Everything was rolled back.`,
      {
        hint: "Apply fewer statements at once, or ask the person to raise --timeout and --statement-timeout.",
      },
    );
  const where =
    halt.kind === "fails" ? `Statement ${halt.step.number} (line ${halt.step.line})` : "A deferred constraint";
  const holders =
    halt.kind === "fails" && halt.failure.state === "55P03"
      ? await holdersOf(database, { names: halt.step.inspection.relations.map(quoted) }, signal).catch(() => [])
      : [];
  const words = [...halt.failure.words, ...holders.map(holderLine)].join("\n");
  const mapped = mapError(halt.error);
  return new ToolError(
    mapped?.kind ?? "conflict",
    `${where} failed with SQLSTATE ${halt.failure.state}. Everything was rolled back. ${untrusted(words)}`,
    {
      hint:
        holders.length > 0
          ? "Wait until that session is done, then preview again."
          : "Correct it, and preview it again.",
      retryable: false,
      cause: halt.error,
    },
  );
}

/** `pid 123 (app, idle in transaction for 12 s) holds ACCESS SHARE on app.users: SELECT …` */
export function holderLine({ pid, application, state, seconds, relation, mode, query }: Holder): string {
  const about = [application, `${state}${seconds > 0 ? ` for ${seconds} s` : ""}`]
    .filter((text) => text.trim() !== "")
    .join(", ");
  const last = query === "" ? "" : `: ${short(query, 80)}`;
  return `pid ${pid}${about ? ` (${about})` : ""} holds ${sqlMode(mode)} on ${relation}${last}`;
}
