import type { Call } from "../call.ts";
import { callTime, inWords, within } from "../call-time.ts";
import { ToolError } from "../errors.ts";
import type { Stage } from "../pipeline.ts";

/**
 * Answers a call that takes too long. Reading has timed out; a change may or may not have happened, which is another thing
 * to say. The handler hears of it through its signal.
 */
export const deadline: Stage = {
  name: "deadline",
  layer(subject, { options }) {
    const ms = callTime(subject, options);
    return (call, next) =>
      within(
        call,
        ms,
        () => overdue(call, ms),
        () => next(call),
      );
  },
};

function overdue(call: Call, ms: number): ToolError {
  const time = inWords(ms);
  return call.access === "read"
    ? new ToolError("timeout", `No answer within ${time}.`, { hint: "Ask for less, or raise --timeout." })
    : new ToolError("outcome_unknown", `No answer within ${time}: the change may or may not have been made.`, {
        hint: "Check the state before repeating it.",
      });
}
