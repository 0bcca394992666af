import { ToolError } from "../errors.ts";
import type { Stage } from "../pipeline.ts";

// One for all: under a flood, a stack trace for each refusal would cost more than the rest of it.
const REFUSAL = new ToolError("rate_limited", "Too many calls are running at once.", {
  hint: "Wait for some to finish, then repeat this one.",
  retryAfterMs: 1_000,
});

/** Concurrency of one principal: a quick refusal instead of a queue that grows. */
export const limits: Stage = {
  name: "limits",
  layer:
    (_subject, { slots, telemetry }) =>
    async (call, next) => {
      const release = slots.take(call.principal);
      if (!release) {
        telemetry?.count("ratelimit.rejected");
        throw REFUSAL;
      }
      try {
        return await next(call);
      } finally {
        release();
      }
    },
};
