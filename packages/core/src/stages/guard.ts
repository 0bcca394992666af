import { accessOf } from "../access.ts";
import { ToolError } from "../errors.ts";
import { refuseMarks } from "../marks.ts";
import type { Stage } from "../pipeline.ts";
import type { Verdict } from "../tool.ts";

/** The last word before a call runs, on its parsed arguments: marks, the tool's own guard, and a person's consent. */
export const guard: Stage = {
  name: "guard",
  layer(subject, runtime) {
    if (subject.kind !== "tool") return undefined;
    const { tool } = subject;
    const check = tool.guard as ((input: unknown, context: unknown) => Verdict | Promise<Verdict>) | undefined;
    if (tool.access === "read" && !check)
      return (call, next) => {
        call.access = "read";
        return next(call);
      };
    return async (call, next) => {
      call.access = accessOf(tool.access, call.input);
      if (call.access !== "read") refuseMarks(call.input, tool.marksAllowedIn ?? []);
      const verdict = check ? await decide(() => check.call(tool, call.input, runtime.context(call))) : "allow";
      if (typeof verdict === "object" && "deny" in verdict) {
        call.decision = "denied";
        throw new ToolError("denied", verdict.deny, { hint: verdict.hint });
      }
      const reason = typeof verdict === "object" ? verdict.confirm : undefined;
      if (call.access === "destructive" || reason !== undefined) {
        const asked = await runtime.confirmation.ask(call, subject, runtime, reason);
        if (asked) return asked;
      }
      return next(call);
    };
  },
};

// A guard that fails says no: an error in policy is a denial.
async function decide(check: () => Verdict | Promise<Verdict>): Promise<Verdict> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError("denied", "The call could not be checked, so it was refused.", { cause: error });
  }
}
