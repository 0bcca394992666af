import { cacheKey } from "../cache.ts";
import type { Stage } from "../pipeline.ts";
import { isToolResult } from "../reply.ts";

/** Equal calls of one principal, for tools that asked for it and only read. Never errors, never questions. */
export const cache: Stage = {
  name: "cache",
  layer(subject, runtime) {
    if (subject.kind !== "tool" || !subject.tool.cache || subject.tool.access !== "read") return undefined;
    const { ttlMs, scope = "principal" } = subject.tool.cache;
    return (call, next) => {
      const key = cacheKey(scope === "public" ? undefined : call.principal, subject.name, call.input);
      return runtime.cache.through(
        key,
        ttlMs,
        // What must not be kept is larger than any cache.
        (reply) => (isToolResult(reply) && !reply.isError ? JSON.stringify(reply).length : Number.POSITIVE_INFINITY),
        () => next(call),
      );
    };
  },
};
