import { cacheKey } from "../cache.ts";
import type { Stage } from "../pipeline.ts";
import { isToolResult } from "../reply.ts";

/** Equal calls of one principal, for tools that asked for it and only read. Never errors, never questions. */
export const cache: Stage = {
  name: "cache",
  layer(subject, runtime) {
    if (subject.kind !== "tool" || !subject.tool.cache || subject.tool.access !== "read") return undefined;
    const { ttlMs, scope = "principal" } = subject.tool.cache;
    return async (call, next) => {
      let hit = true;
      const key = cacheKey(scope === "public" ? undefined : call.principal, subject.name, call.input);
      const reply = await runtime.cache.through(
        key,
        ttlMs,
        // What must not be kept is larger than any cache.
        (reply) => (isToolResult(reply) && !reply.isError ? JSON.stringify(reply).length : Number.POSITIVE_INFINITY),
        () => {
          hit = false;
          return next(call);
        },
      );
      runtime.telemetry?.count("cache.requests", { result: hit ? "hit" : "miss" });
      return reply;
    };
  },
};
