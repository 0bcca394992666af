import type { NamedCode } from "./functions.ts";
import type { Step } from "./step.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** They write code down, or change nothing that code hangs on. */
const inert = words("CreateFunctionStmt CommentStmt GrantStmt VariableSetStmt");
/** They store expressions without evaluating them. */
const storing = words("ViewStmt RuleStmt CreatePolicyStmt AlterPolicyStmt CreateTrigStmt CreateDomainStmt DefineStmt");
/** Rows move, so that triggers, defaults and checks run. */
const moving = words(`
  InsertStmt UpdateStmt DeleteStmt MergeStmt CopyStmt TruncateStmt CreateTableAsStmt RefreshMatViewStmt
  ConstraintsSetStmt DoStmt`);

/**
 * Why a preview would run code that nobody has looked at: code that the migration brings along, or functions of the database
 * that it calls itself. A rollback takes back what code does to rows, not what it does elsewhere, so a person is asked first.
 * `undefined`: nothing of the kind can run. Errs on the side of asking.
 */
export function codeThatRuns(steps: readonly Step[], { foreign, replaced }: NamedCode): string | undefined {
  const brought: string[] = [];
  // From here on anything may call it: a function that other objects use already, an event trigger.
  let connected = false;
  for (const step of steps) {
    const { node, number } = step;
    const named = foreign.get(step) ?? [];
    if (node === "DoStmt") return `Its preview runs the DO block of statement ${number}, whose effects elsewhere stay.`;
    // A new table has no rows to evaluate anything for; a partition has bounds that are evaluated.
    const stores = storing.has(node) || (node === "CreateStmt" && step.body["partbound"] === undefined);
    if (named.length > 0) brought.push(`${named.join(", ")} (statement ${number})`);
    const runs =
      (named.length > 0 && !stores && !inert.has(node)) ||
      (brought.length > 0 && moving.has(node)) ||
      (connected && !inert.has(node));
    if (runs)
      return `Its preview runs code that was not checked: ${brought.join("; ")}. What such code does elsewhere stays.`;
    if (node === "CreateFunctionStmt") {
      brought.push(`the function of statement ${number}`);
      connected ||= replaced.has(step);
    }
    if (node === "AlterFunctionStmt") {
      brought.push(`the function changed by statement ${number}`);
      connected = true;
    }
    if (node === "CreateEventTrigStmt" || node === "AlterEventTrigStmt") {
      brought.push(`the event trigger of statement ${number}`);
      connected = true;
    }
  }
  return undefined;
}
