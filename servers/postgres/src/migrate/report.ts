import { untrusted } from "@mooring/core";
import { holderLine } from "./apply.ts";
import type { Size } from "./catalog-state.ts";
import type { Halt } from "./run-all.ts";
import { blockingReads, blocks, blockingWrites, sqlMode, strengthOf } from "./locks.ts";
import { inBytes, type OutsidePreview } from "./outside-preview.ts";
import type { Preview, StepReport } from "./preview.ts";
import { labelOf, type Step } from "./step.ts";

/** Lines of one statement that are shown. */
const MOST_CHANGES = 40;

/** A preview for a model and the person it works for. `token` is missing where it cannot be applied. */
export function previewText(preview: Preview, token: string | undefined, { asks = true } = {}): string {
  const { steps, total, halt, holders } = preview;
  const blocked = steps.flatMap((report, i) => blockingOf(report, preview.sizes, timeFrom(steps, i)));
  const advice = [
    ...steps.flatMap(({ step, losses, advice: lines }) =>
      [...losses, ...lines].map((line) => `- ${step.number}: ${line}`),
    ),
    ...preview.haltAdvice.map((line) => `- ${steps.length + 1}: ${line}`),
  ];
  const own = [
    steps.length === total && halt === undefined
      ? `Preview of ${count(total, "statement")}: tried and rolled back, nothing was changed.`
      : `Preview of ${count(total, "statement")}: ${steps.length} ran, then it stopped. Everything was rolled back.`,
    halt ? haltText(halt) : "",
    untrusted(
      [...steps.flatMap((report) => stepLines(report)), ...haltLines(halt), ...holders.map(holderLine)].join("\n"),
      { exact: true },
    ),
    blocked.length > 0 ? `Risk:\n${[...new Set(blocked)].join("\n")}` : "",
    holders.length > 0 ? waiting(preview) : "",
    advice.length > 0 ? `Advice:\n${[...new Set(advice)].join("\n")}` : "",
    steps.some(({ step }) => step.node === "CreateFunctionStmt")
      ? "Bodies of functions are text: they were not checked."
      : "",
    applying(token, halt, asks),
  ];
  return own.filter(Boolean).join("\n");
}

function stepLines({ step, ms, locks, changes, rewritten, scanned, rows, notices }: StepReport): string[] {
  const shown = changes.slice(0, MOST_CHANGES);
  return [
    `${step.number}. ${labelOf(step)}  (${inMs(ms)}${rows === undefined ? "" : `, ${count(rows, "row")}`})`,
    ...locks.map(
      ({ mode, kind, name }) =>
        `   lock ${sqlMode(mode)} on ${kind === "table" ? "" : `${kind} `}${name ?? "a dropped relation"}`,
    ),
    ...shown.map((line) => `   ${line}`),
    ...(changes.length > shown.length ? [`   … ${changes.length - shown.length} more`] : []),
    ...rewritten.map((name) => `   ${step.node === "TruncateStmt" ? "emptied" : "rewritten"} ${name}`),
    ...scanned.map((scan) => `   ${scanLine(step, scan)}`),
    ...notices.slice(0, 3).map((notice) => `   notice: ${notice}`),
  ];
}

/** Statements in which PostgreSQL scans on its own account: to write anew, to build, to check. It stops before the end for none. */
const scanningAll = new Set(["AlterTableStmt", "IndexStmt", "ReindexStmt", "ClusterStmt"]);
/** No worker runs beside them, so their rows are counted to the last. */
const alone = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"]);

function scanLine({ node }: Step, { name, rows, times }: StepReport["scanned"][number]): string {
  // Of a scan by several processes this one's rows are counted alone, and each of several scans counts all rows again.
  if (scanningAll.has(node)) return `read all of ${name}${times > 1 ? `, ${times} times` : ""}`;
  return `read ${alone.has(node) ? "" : "at least "}${count(rows, "row")} of ${name}${times > 1 ? ` in ${times} scans` : ""}`;
}

function haltText(halt: Halt): string {
  switch (halt.kind) {
    case "fails":
      switch (halt.failure.state) {
        case "55P03":
          return `Statement ${halt.step.number} could not get its lock in time: another session holds it.`;
        case "57014":
          return `Statement ${halt.step.number} took too long for a preview: it would hold its locks at least that long. To give it more time, begin the migration with SET LOCAL statement_timeout = '…'.`;
        default:
          return `Statement ${halt.step.number} (line ${halt.step.line}) would fail with SQLSTATE ${halt.failure.state}:`;
      }
    case "fails at commit":
      return `COMMIT would fail with SQLSTATE ${halt.failure.state}:`;
    case "large":
      return `Statement ${halt.step.number} may rewrite or read all of a relation of ${inBytes(halt.bytes)}, under its locks: it was not tried. Do it in smaller steps (below), or begin the migration with SET LOCAL statement_timeout = '…' to try it for that long.`;
    case "time":
      return `There was no time left for statement ${halt.step.number}. Preview fewer statements at once.`;
  }
}

function haltLines(halt: Halt | undefined): string[] {
  if (!halt) return [];
  const what = "step" in halt ? [`${halt.step.number}. ${labelOf(halt.step)}`] : [];
  return "failure" in halt ? [...what, ...halt.failure.words.map((line) => `   ${line}`)] : what;
}

/** A lock is held to the end of the transaction: this statement and all that follow. */
function timeFrom(steps: readonly StepReport[], first: number): number {
  return steps.slice(first).reduce((sum, { ms }) => sum + ms, 0);
}

/** What others feel, by table; no name stands in it. */
function blockingOf({ step, locks }: StepReport, sizes: ReadonlyMap<string, Size>, held: number): string[] {
  return locks
    .filter(({ mode }) => strengthOf(mode) >= blockingWrites)
    .map(({ mode, relid, kind }) => {
      const size = sizes.get(relid);
      const rows = Number(size?.rows ?? -1);
      const large = size ? ` of ${rows >= 0 ? `about ${rows} rows, ` : ""}${inBytes(size.total)}` : "";
      return `- ${step.number}: ${sqlMode(mode)} ${blocks(mode)} of a ${kind}${large}, from here to COMMIT (${inMs(held)} in this preview).`;
    });
}

function waiting({ holders, halt }: Preview): string {
  const longest = Math.max(...holders.map(({ seconds }) => seconds));
  const who = `${count(holders.length, "session")} ${holders.length === 1 ? "holds" : "hold"} locks there now, the longest for ${longest} s`;
  return halt?.kind === "fails" && halt.failure.state === "55P03"
    ? `${who}. Try again when they are done.`
    : `${who}: applying waits for them up to --lock-timeout, and everybody behind it waits too.`;
}

function applying(token: string | undefined, halt: Halt | undefined, asks: boolean): string {
  if (token === undefined) return halt ? "It cannot be applied as it is." : "";
  return `To apply it: the same sql with apply true and token "${token}", within 15 minutes.${asks ? " A person is asked." : ""}`;
}

/** A statement that could not be tried. */
export function outsideText(
  step: Step,
  preview: OutsidePreview,
  token: string | undefined,
  { asks = true } = {},
): string {
  const { says, facts, wouldFail, holders } = preview;
  return [
    "Preview of a statement that runs outside transactions: it was not tried, and nothing takes it back.",
    wouldFail === undefined ? "" : `It would fail. ${wouldFail}`,
    ...says,
    untrusted([labelOf(step), ...facts, ...holders.map(holderLine)].join("\n"), { exact: true }),
    holders.length > 0
      ? `${count(holders.length, "session")} ${holders.length === 1 ? "holds" : "hold"} locks there now: it waits for them.`
      : "",
    token === undefined ? "It cannot be applied as it is." : applying(token, undefined, asks),
  ]
    .filter(Boolean)
    .join("\n");
}

/** What a person is asked of a preview: counts, the strongest lock, what is lost. In our words. */
export function effectOf(preview: Preview): string {
  const { steps, bond } = preview;
  const modes = steps.flatMap(({ locks }) => locks.map(({ mode }) => mode));
  const reads = modes.filter((mode) => strengthOf(mode) >= blockingReads).length;
  const writes = modes.filter((mode) => strengthOf(mode) >= blockingWrites).length - reads;
  const rewritten = steps.reduce((sum, report) => sum + report.rewritten.length, 0);
  const losses = steps.reduce((sum, report) => sum + report.losses.length, 0);
  const rows = steps.reduce((sum, report) => sum + (report.rows ?? 0), 0);
  const removed = bond.changes.filter((line) => line.startsWith("-")).length;
  const parts = [
    `runs ${count(steps.length, "statement")} in one transaction and commits`,
    `${count(bond.changes.length, "change")} of the schema${removed > 0 ? `, ${removed} of them removals` : ""}`,
    losses > 0 ? `${count(losses, "change")} of type that may lose or refuse values` : "",
    rows > 0 ? `${count(rows, "row")} changed` : "",
    reads > 0 ? `${count(reads, "lock")} against reads and writes` : "",
    writes > 0 ? `${count(writes, "lock")} against writes` : "",
    rewritten > 0 ? `${count(rewritten, "rewrite")}` : "",
  ];
  return `${parts.filter(Boolean).join("; ")}.`;
}

/** What was applied. `after` in our words, where there is something to say of it. */
export function appliedText(steps: readonly StepReport[], changes: readonly string[], after = ""): string {
  const ms = steps.reduce((sum, report) => sum + report.ms, 0);
  const notices = steps.flatMap((report) => report.notices).slice(0, 10);
  const lines = [...changes.slice(0, MOST_CHANGES), ...notices.map((notice) => `notice: ${notice}`)];
  const more = changes.length > MOST_CHANGES ? ` ${changes.length - MOST_CHANGES} more changes are not shown.` : "";
  return `Applied and committed: ${count(steps.length, "statement")} in ${inMs(ms)}, ${count(changes.length, "change")} of the schema.${more}${after && ` ${after}`}${lines.length > 0 ? `\n${untrusted(lines.join("\n"), { exact: true })}` : ""}`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

export function inMs(ms: number): string {
  return ms >= 10_000 ? `${Math.round(ms / 1_000)} s` : ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}
