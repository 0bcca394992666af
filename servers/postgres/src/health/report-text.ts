import { untrusted } from "@mooring/core";
import { severities } from "./finding.ts";
import type { Remark, Report } from "./report.ts";

/** A report as a model reads it: findings, which hold names of others, in one fenced block, our words around it. */
export function reportText(report: Report): string {
  return [
    head(report),
    ...(report.findings.length > 0 ? [untrusted(findingsText(report), { exact: true })] : []),
    ...section("Shown of", report.cut.map(({ check, shown, total }) => `${check} ${shown} of ${total}`).join(", ")),
    ...remarks("Why it matters", report.why),
    ...section("Found nothing", report.clean.join(", ")),
    ...remarks("Checked in part", report.partial),
    ...remarks("Could not be checked", report.unchecked),
  ].join("\n");
}

/** The findings alone, one block each. */
function findingsText({ findings }: Pick<Report, "findings">): string {
  return findings
    .map(({ severity, check, subject, evidence, fix }) => {
      const words = `${severity.toUpperCase()} ${check}: ${subject}: ${evidence}`;
      return fix === undefined ? words : `${words}\n  fix: ${fix}`;
    })
    .join("\n");
}

function head({ database, version, kind, totals, findings, milliseconds }: Report): string {
  const counts = severities
    .filter((severity) => totals[severity] > 0)
    .map((severity) => `${totals[severity]} ${severity}`);
  const where = `${database}, PostgreSQL ${version.split(" ")[0]}${kind === "demo" ? ", embedded demo database" : ""}`;
  const fixes = findings.some(({ fix }) => fix !== undefined) ? " Fixes are for a person to review." : "";
  return `${counts.length > 0 ? counts.join(", ") : "No findings"} (${where}, ${Math.round(milliseconds)} ms).${fixes}`;
}

function section(name: string, text: string): string[] {
  return text === "" ? [] : [`${name}: ${text}.`];
}

/** Remarks with the same text share a line. */
function remarks(name: string, all: readonly Remark[]): string[] {
  if (all.length === 0) return [];
  const checks = Map.groupBy(all, ({ text }) => text);
  const one = [...checks].map(([text, of]) => `  ${of.map(({ check }) => check).join(", ")}: ${text}`);
  return [`${name}:`, ...one];
}
