import { accessOf, admits, higher, levelOf } from "../access.ts";
import type { Call } from "../call.ts";
import { callTime, inWords, within } from "../call-time.ts";
import type { Why } from "../confirm.ts";
import { ToolError } from "../errors.ts";
import { refuseMarks } from "../marks.ts";
import type { Stage } from "../pipeline.ts";
import type { Reply } from "../reply.ts";
import type { Runtime } from "../runtime.ts";
import type { ToolSubject } from "../subject.ts";
import type { Verdict } from "../tool.ts";

/** The last word before a call runs, on its parsed arguments: marks, the tool's own guard, and a person's consent. */
export const guard: Stage = {
  name: "guard",
  layer(subject, runtime) {
    if (subject.kind !== "tool") return undefined;
    const { tool } = subject;
    if (asksNobody(tool))
      return (call, next) => {
        call.access = "read";
        return next(call);
      };
    // Looking things up takes time as well; the person's time is not counted.
    const ms = callTime(subject, runtime.options);
    const late = () =>
      new ToolError("timeout", `The call could not be checked within ${inWords(ms)}, so it was not made.`, {
        hint: "Try again.",
      });
    return async (call, next) => (await within(call, ms, late, () => examine(call, subject, runtime))) ?? next(call);
  },
};

/** Whether no call of this tool can lead to a question: it only reads, and has no guard. */
export function asksNobody({ access, guard }: { readonly access: unknown; readonly guard?: unknown }): boolean {
  return access === "read" && guard === undefined;
}

/** `undefined`: go on. A reply: the question to a person. */
async function examine(call: Call, subject: ToolSubject, runtime: Runtime): Promise<Reply | undefined> {
  const { tool } = subject;
  call.access = accessOf(tool.access, call.input);
  if (call.access !== "read") refuseMarks(call.input, tool.marksAllowedIn ?? []);
  const verdict = await decide(call, subject, runtime);
  let why: Why | undefined;
  if (typeof verdict === "object") {
    if ("deny" in verdict) {
      call.decision = "denied";
      throw new ToolError("denied", verdict.deny, { hint: verdict.hint });
    }
    if ("warn" in verdict) {
      call.decision = "warned";
      call.warning = verdict.warn;
    } else if ("raise" in verdict) {
      call.access = higher(call.access, verdict.raise);
      if (verdict.confirm !== undefined) why = { confirm: verdict.confirm };
    } else why = verdict;
  }
  // The schema leaves no value above the level; a guard may say that the call is more than its values.
  if (!admits(runtime.access, call.access)) {
    call.decision = "denied";
    throw new ToolError(
      "denied",
      `This call needs --access ${levelOf(call.access, {})}, which the operator has not given.`,
      {
        hint: "Tell the person, if they want it.",
      },
    );
  }
  if (call.access !== "destructive" && why === undefined) return undefined;
  return runtime.confirmation.ask(call, subject, runtime, why);
}

// A guard that fails says no: an error in policy is a denial.
async function decide(call: Call, { tool }: ToolSubject, runtime: Runtime): Promise<Verdict> {
  const check = tool.guard as ((input: unknown, context: unknown) => Verdict | Promise<Verdict>) | undefined;
  if (!check) return "allow";
  try {
    return await check.call(tool, call.input, runtime.context(call));
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError("denied", "The call could not be checked, so it was refused.", { cause: error });
  }
}
