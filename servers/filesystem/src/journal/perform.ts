import { ToolError, toToolError } from "@mooring/core";
import { apply, isBefore, type Planned, type Workplace } from "./apply.ts";
import { find } from "./capture.ts";
import { type Change, inverse, pathsOf } from "./entry.ts";
import { placeOf } from "./path.ts";
import { mapError } from "../errors.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** The changes could not be made, and not all of them could be taken back: the entry that recorded them still counts. */
export class HalfDone extends ToolError {}

/**
 * Carries out changes one by one, all or none: a failure, or a cancelled call, takes back what was done. Answers with the
 * changes as they happened.
 * @throws {HalfDone} when taking back failed as well, naming the state of each path
 */
export async function perform(
  plans: readonly Planned[],
  workplace: Workplace,
  signal?: AbortSignal,
): Promise<Change[]> {
  const done: Change[] = [];
  for (const plan of plans)
    try {
      signal?.throwIfAborted();
      done.push(await apply(plan, workplace, { signal }));
    } catch (error) {
      throw await takeBack(plans, done, plan.change, workplace, error);
    }
  return done;
}

async function takeBack(
  plans: readonly Planned[],
  done: readonly Change[],
  failed: Change,
  workplace: Workplace,
  error: unknown,
): Promise<unknown> {
  const problems: string[] = [];
  const { sandbox } = workplace;
  try {
    if (await isHalfDone(failed, sandbox)) await apply({ change: inverse(failed) }, workplace, { onlyMissing: true });
  } catch (problem) {
    problems.push(toToolError(problem, mapError).message);
  }
  for (const change of done.toReversed())
    try {
      // What somebody else put there meanwhile is not ours to replace.
      if (await isBefore(inverse(change), sandbox)) await apply({ change: inverse(change) }, workplace);
      else problems.push(`${shownOf(change, sandbox)} was changed by somebody else meanwhile.`);
    } catch (problem) {
      problems.push(toToolError(problem, mapError).message);
    }
  const cause = toToolError(error, mapError);
  if (problems.length === 0) return done.some(isVisible) ? takenBack(cause) : error;
  const states = await Promise.all(plans.map(({ change }) => stateOf(change, workplace)));
  const lines = [...new Set(states)].slice(0, 20);
  return new HalfDone(
    "outcome_unknown",
    `${cause.message} Taking back what was done failed too: ${problems[0]}\n${lines.join("\n")}\n`,
    {
      hint: "Look at these paths before you go on.",
      cause: error,
    },
  );
}

function takenBack({ kind, message, hint, retryAfterMs, retryable, cause }: ToolError): ToolError {
  return new ToolError(kind, `${message} What was changed before that was taken back.`, {
    // Said already.
    hint: hint?.replace(/^Nothing was changed; ./, (start) => (start.at(-1) as string).toUpperCase()),
    retryAfterMs,
    retryable,
    cause,
  });
}

// Directories made on the way are not what a caller asked about.
function isVisible(change: Change): boolean {
  return change.do !== "make" && change.do !== "unmake";
}

// One file is replaced at once or not at all; a directory may stop anywhere, and so may what takes two steps.
async function isHalfDone(change: Change, sandbox: Sandbox): Promise<boolean> {
  if (change.do === "unmove") return change.restore !== undefined && !(await isBefore(change, sandbox));
  if (change.do !== "set" || (await isBefore(change, sandbox))) return false;
  if (change.before.kind === "directory" || change.after.kind === "directory") return true;
  const there = find(placeOf(change.at, sandbox), sandbox, change.through === true);
  return there === undefined || (await isBefore(inverse(change), sandbox));
}

async function stateOf(change: Change, { sandbox }: Workplace): Promise<string> {
  const name = shownOf(change, sandbox);
  try {
    if (await isBefore(change, sandbox)) return `${name}: as before`;
    if (await isBefore(inverse(change), sandbox)) return `${name}: changed`;
  } catch {
    // Said as unknown.
  }
  return `${name}: partly changed or unknown`;
}

function shownOf(change: Change, sandbox: Sandbox): string {
  return pathsOf(change)
    .map((path) => placeOf(path, sandbox).shown)
    .join(" → ");
}
