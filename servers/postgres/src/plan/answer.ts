import type { CallContext } from "@mooring/core";
import type { Database, Databases } from "../database.ts";
import { ticking } from "../ticking.ts";
import { changes, compare as compared, verdict } from "./compare.ts";
import { explainPlan } from "./explain.ts";
import { findings } from "./findings.ts";
import { mermaid } from "./mermaid.ts";
import { picture } from "./picture.ts";
import { picturesOf, pictureUri } from "./pictures.ts";
import { changedSettings, summary } from "./summary.ts";
import { findingLines, tree } from "./tree.ts";
import { weigh } from "./weights.ts";

/** As the tool takes it. */
export interface Asked {
  readonly sql: string;
  readonly params?: readonly string[] | undefined;
  readonly analyze: boolean;
  readonly hypothetical_indexes: readonly string[];
  readonly hide_indexes: readonly string[];
  readonly compare: boolean;
  readonly format: "tree" | "json" | "mermaid";
  readonly signal: AbortSignal;
  readonly progress: CallContext["progress"];
}

/** Plans, weighs, finds what is wrong, and keeps the picture. Throws what `explainPlan` throws. */
export async function answer(databases: Databases, database: Database, asked: Asked) {
  const { sql, params, analyze, hypothetical_indexes, hide_indexes, compare, format, signal, progress } = asked;
  const { plan, without, facts, notes } = await ticking(progress, analyze ? "measuring" : "planning", () =>
    explainPlan(database, {
      sql,
      params,
      analyze,
      hypotheticalIndexes: hypothetical_indexes,
      hideIndexes: hide_indexes,
      compare,
      verbose: format !== "json",
      signal,
    }),
  );
  const weights = weigh(plan);
  const found = findings(plan, facts, weights);
  const comparison = without && compared(without, plan);
  const written = {
    tree: () => tree(plan, found, weights),
    json: () => (without ? `{"without":${without.json},"with":${plan.json}}` : plan.json),
    mermaid: () => mermaid(plan, weights),
  }[format]();
  const id = picturesOf(databases).keep(database.name, picture(plan, weights));
  return {
    summary: summary(plan),
    basis: weights.basis,
    notes: database.kind === "demo" ? [...notes, "Embedded demo database."] : notes,
    verdict: comparison && verdict(comparison),
    changes: comparison && format !== "json" ? changes(comparison) : "",
    // Those of the demo are always the same.
    settings: database.kind === "demo" ? "" : changedSettings(plan),
    plan: written,
    findings: format === "json" ? "" : findingLines(found),
    picture: pictureUri(database.name, id),
  };
}
