import { withCall } from "../call.ts";
import type { Stage } from "../pipeline.ts";

/** Makes the call findable from anywhere below: log lines carry its correlation id. */
export const context: Stage = {
  name: "context",
  layer: () => (call, next) => withCall(call, () => next(call)),
};
