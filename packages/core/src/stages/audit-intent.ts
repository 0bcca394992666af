import type { Stage } from "../pipeline.ts";

/** A destructive call is on the record, on the disk, before it runs: a crash leaves an intent without an outcome. */
export const auditIntent: Stage = {
  name: "audit intent",
  layer(subject, { audit }) {
    if (!audit || subject.kind !== "tool") return undefined;
    return (call, next) => {
      if (call.access === "destructive")
        audit.write({
          kind: "intent",
          ref: call.ref,
          principal: call.principal,
          ...(call.clientName !== undefined && { client: call.clientName }),
          tool: subject.name,
          access: call.access,
          args: call.arguments ?? null,
          ...(call.confirmedBy && { confirmedBy: call.confirmedBy }),
        });
      return next(call);
    };
  },
};
