import { ToolError } from "../errors.ts";
import type { Call } from "../call.ts";
import type { Stage } from "../pipeline.ts";

const STANDARD = 60_000;
/** Node's timers take no more, and fire at once for what is longer: 24 days. */
const LONGEST = 2 ** 31 - 1;

/**
 * Answers a call that takes too long. Reading has timed out; a change may or may not have happened, which is another thing
 * to say. The handler hears of it through its signal.
 */
export const deadline: Stage = {
  name: "deadline",
  layer(subject, { options }) {
    const own = subject.kind === "tool" ? subject.tool.deadlineMs : undefined;
    const ms = Math.min(own ?? options.timeout ?? STANDARD, LONGEST);
    return (call, next) =>
      new Promise((resolve, reject) => {
        call.deadline = Date.now() + ms;
        const timer = setTimeout(() => {
          const error = overdue(call, ms);
          call.abort(error);
          reject(error);
        }, ms);
        next(call)
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      });
  },
};

function overdue(call: Call, ms: number): ToolError {
  const time = ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`;
  return call.access === "read"
    ? new ToolError("timeout", `No answer within ${time}.`, { hint: "Ask for less, or raise --timeout." })
    : new ToolError("outcome_unknown", `No answer within ${time}: the change may or may not have been made.`, {
        hint: "Check the state before repeating it.",
      });
}
