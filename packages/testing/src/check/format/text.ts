import { styleText } from "node:util";
import { type CheckResult, groups, type Report, type Status } from "../report.ts";
import { grouped } from "../tokens.ts";

const signs: Readonly<Record<Status, string>> = { pass: "✔", fail: "✘", warn: "!", skip: "-" };
const colours = { pass: "green", fail: "red", warn: "yellow", skip: "gray" } as const;

export interface TextOptions {
  readonly colour: boolean;
  /** Only what failed or warns. Default: everything. */
  readonly isShort?: boolean;
}

/** The report for people, ending in a line end. */
export function formatText(report: Report, { colour, isShort = false }: TextOptions): string {
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  const lines = [paint("bold", title(report)), facts(report)].filter((line) => line !== "");
  for (const group of groups) {
    const checks = report.checks.filter(
      (check) => check.group === group && (!isShort || check.status === "fail" || check.status === "warn"),
    );
    if (checks.length > 0)
      lines.push("", paint("bold", group), ...checks.flatMap((check) => describeCheck(check, paint)));
  }
  const verdict = report.ok ? paint("green", summary(report)) : paint("red", summary(report));
  return `${[...lines, "", verdict].join("\n")}\n`;
}

function title({ server, target }: Report): string {
  if (!server) return plain(target);
  return plain(`${server.title ?? server.name} ${server.version} · ${target}`);
}

/** One line without what a terminal would obey: a server chooses these texts. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

function facts({ revisions, startMs, tools }: Report): string {
  return [
    ...(revisions.length > 0 ? [revisions.join(" and ")] : []),
    ...(startMs === undefined ? [] : [`first answer after ${grouped(startMs)} ms`]),
    ...(tools ? [`${tools.count} ${tools.count === 1 ? "tool" : "tools"}, ${grouped(tools.tokens)} tokens`] : []),
  ].join(" · ");
}

function describeCheck(
  check: CheckResult,
  paint: (format: "green" | "red" | "yellow" | "gray", text: string) => string,
) {
  const { id, group, status, expected, advice, spec } = check;
  const detail = check.detail === undefined ? undefined : plain(check.detail);
  const sign = paint(colours[status], signs[status]);
  const name = id.slice(group.length + 1);
  if (status === "pass" || status === "skip") {
    const aside = detail === undefined ? "" : paint("gray", ` (${status === "skip" ? "skipped: " : ""}${detail})`);
    return [`  ${sign} ${name}: ${expected}${aside}`];
  }
  return [
    `  ${sign} ${name}: ${expected}`,
    `      seen  ${detail ?? "otherwise"}`,
    ...(advice === undefined ? [] : [`      do    ${advice}`]),
    ...(spec === undefined ? [] : [`      see   ${paint("gray", spec)}`]),
  ];
}

function summary({ counts, durationMs }: Report): string {
  const { pass, fail, warn, skip } = counts;
  return `${pass} passed, ${fail} failed, ${warn} ${warn === 1 ? "warning" : "warnings"}, ${skip} skipped in ${(durationMs / 1_000).toFixed(1)} s`;
}
