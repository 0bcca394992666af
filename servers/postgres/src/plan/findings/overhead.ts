import { isRecord, number, numberOf, type Plan, textOf } from "../plan.ts";
import { count, percent, time } from "../wording.ts";
import type { Finding, Look } from "./finding.ts";

/** Time that goes to something else than the plan's steps. */
export function overhead(look: Look): readonly Finding[] {
  const { plan } = look;
  const all = plan.executionMs ?? 0;
  return [
    ...jit(plan, all),
    ...planning(plan, all),
    ...triggers(plan, all),
    ...serialization(plan, all),
    ...workers(plan),
    ...starting(look),
  ];
}

function jit({ top, measured }: Plan, all: number): readonly Finding[] {
  const timing = isRecord(top["JIT"]) ? top["JIT"]["Timing"] : undefined;
  const spent = isRecord(timing) ? (numberOf(timing["Total"]) ?? 0) : 0;
  if (!measured || spent < 20 || spent < all * 0.1) return [];
  return [
    {
      kind: "jit",
      weight: Math.min(1, spent / all),
      what: `Compiling expressions (JIT) took ${time(spent)} of ${time(all)}.`,
      next: "SET LOCAL jit = off for this query, or raise jit_above_cost.",
    },
  ];
}

function planning({ planningMs = 0, nodes, measured }: Plan, all: number): readonly Finding[] {
  if (!measured || planningMs < 10 || planningMs < all) return [];
  return [
    {
      kind: "planning",
      weight: planningMs / (planningMs + all),
      what: `Planning took ${time(planningMs)}, more than the execution (${time(all)}).`,
      next:
        nodes.length > 50
          ? "Let partitions be pruned by constants, join fewer tables, or prepare the statement once and run it often."
          : "Prepare the statement once and run it often; the first plan in a session also fills caches: measure again.",
    },
  ];
}

function triggers({ top }: Plan, all: number): readonly Finding[] {
  const list = Array.isArray(top["Triggers"]) ? top["Triggers"].filter(isRecord) : [];
  return list.flatMap((trigger) => {
    const spent = numberOf(trigger["Time"]) ?? 0;
    if (spent < 5 || spent < all * 0.1) return [];
    const name = textOf(trigger["Constraint Name"]) ?? textOf(trigger["Trigger Name"]) ?? "without a name";
    const key = trigger["Constraint Name"] !== undefined;
    return [
      {
        kind: "triggers" as const,
        weight: Math.min(1, spent / all),
        what: `${key ? "The constraint" : "The trigger"} ${name} took ${time(spent)} in ${count(numberOf(trigger["Calls"]) ?? 0)} calls.`,
        next: !key
          ? "Look at what the trigger does for each row."
          : /_a_\d+$/.test(textOf(trigger["Trigger Name"]) ?? "")
            ? "Index the referencing columns of the foreign key: each row that goes is looked for there."
            : "Each row is looked up in the referenced table: change fewer rows at once, or not the key.",
      },
    ];
  });
}

// PostgreSQL 17 and newer, with SERIALIZE.
function serialization({ top }: Plan, all: number): readonly Finding[] {
  const part = isRecord(top["Serialization"]) ? top["Serialization"] : {};
  const spent = numberOf(part["Time"]) ?? 0;
  if (spent < 10 || spent < all * 0.2) return [];
  return [
    {
      kind: "serialization",
      weight: Math.min(1, spent / all),
      what: `Turning the result into text took ${time(spent)} for ${count(numberOf(part["Output Volume"]) ?? 0)} kB.`,
      next: "Select only the columns that are needed: large values are fetched and decompressed for it.",
    },
  ];
}

function workers({ nodes, measured }: Plan): readonly Finding[] {
  if (!measured) return [];
  return nodes
    .filter(
      (node) =>
        node.actual && node.actual.loops > 0 && number(node, "Workers Launched") < number(node, "Workers Planned"),
    )
    .slice(0, 1)
    .map((node) => {
      const [planned, launched] = [number(node, "Workers Planned"), number(node, "Workers Launched")];
      return {
        kind: "workers",
        node,
        weight: 0.25,
        what: `Only ${count(launched)} of ${count(planned)} planned workers (${percent(launched / planned)}) were free.`,
        next: "Measure again when less runs, or raise max_parallel_workers.",
      };
    });
}

/** Starting workers, and waiting for them: what is left of the Gather itself. */
function starting({ plan, weights }: Look): readonly Finding[] {
  if (weights.basis !== "time") return [];
  return plan.nodes
    .filter(
      (node) => number(node, "Workers Launched") > 0 && weights.of(node).own >= 5 && weights.of(node).share >= 0.4,
    )
    .slice(0, 1)
    .map((node) => {
      const { own, share } = weights.of(node);
      return {
        kind: "worker-start",
        node,
        weight: share * 0.8,
        what: `Starting ${count(number(node, "Workers Launched"))} ${number(node, "Workers Launched") === 1 ? "worker" : "workers"} and gathering from them took ${time(own)} (${percent(share)} of the time).`,
        next: "Compare with SET LOCAL max_parallel_workers_per_gather = 0; if that is faster, raise parallel_setup_cost.",
      };
    });
}
