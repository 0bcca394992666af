import type { Call } from "./call.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";
import { admit } from "./stages/admit.ts";
import { auditIntent } from "./stages/audit-intent.ts";
import { cache } from "./stages/cache.ts";
import { context } from "./stages/context.ts";
import { deadline } from "./stages/deadline.ts";
import { guard } from "./stages/guard.ts";
import { handler } from "./stages/handler.ts";
import { limits } from "./stages/limits.ts";
import { observe } from "./stages/observe.ts";
import { shape } from "./stages/shape.ts";
import { validate } from "./stages/validate.ts";
import type { Subject } from "./subject.ts";

export type Next = (call: Call) => Promise<Reply>;
/** One step of a call; what it returns leaves through the steps before it. */
export type Layer = (call: Call, next: Next) => Promise<Reply>;

export interface Stage {
  readonly name: string;
  /** The step for this subject under this configuration; `undefined` where it would have nothing to do. */
  layer(subject: Subject, runtime: Runtime): Layer | undefined;
}

/**
 * Every call runs through these, outermost first. Observation is outermost so that denials are recorded, and shaping just
 * inside it, so that nothing raw reaches client, span or audit. Schemas of hidden tools are no oracle: admission comes
 * before validation. Nobody is asked about a call that cannot run: the guard comes after it.
 */
export const pipeline: readonly Stage[] = [
  context,
  observe,
  shape,
  admit,
  limits,
  validate,
  guard,
  cache,
  deadline,
  auditIntent,
  handler,
];

/** One function per subject, made once: no array is walked and no closure made while a call runs. */
export function compose(subject: Subject, runtime: Runtime, stages: readonly Stage[] = pipeline): Next {
  const end: Next = () => Promise.reject(new Error(`the pipeline of ${subject.name} has no handler`));
  return stages.reduceRight<Next>((next, stage) => {
    const layer = stage.layer(subject, runtime);
    return layer ? (call) => layer(call, next) : next;
  }, end);
}
