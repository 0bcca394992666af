import { untrusted } from "@mooring/core";
import type { Advice, AdvisedStatement, Gain, Recommended } from "./advice.ts";
import type { Finding } from "./existing.ts";
import { short } from "../one-line.ts";
import { shortIndex } from "./recommend.ts";

/** Lines of each list: what comes after them is counted. */
const MOST_REJECTED = 10;
const MOST_SKIPPED = 10;
const MOST_STATEMENTS = 30;
const MOST_FINDINGS = 15;
const MOST_GAINS = 8;
const SQL_LENGTH = 140;

/** The advice as text. SQL of recorded statements has to come with `$n` for literals. */
export function adviceText(advice: Advice): string {
  const { recommended, findings, statements, skipped } = advice;
  const blocks = [
    section("Create", recommended.flatMap(recommendation)),
    section("Existing indexes and keys", limited(findings.map(finding), MOST_FINDINGS)),
    section("Rejected", rejections(advice)),
    section("Not possible here", advice.unavailable),
    section(
      "Skipped",
      limited(
        skipped.map(({ id, sql, why }) => `${[id, short(sql, 80)].filter(Boolean).join(" ")}: ${short(why, 300)}`),
        MOST_SKIPPED,
      ),
    ),
    advice.target === "statements"
      ? ""
      : section(
          "Statements",
          limited(
            statements.map((each) => statementLine(each)),
            MOST_STATEMENTS,
          ),
        ),
  ].filter(Boolean);
  const body = blocks.length > 0 ? `\n${untrusted(blocks.join("\n"), { exact: true })}` : "";
  return `${headline(advice)}${body}${caveats(advice)}`;
}

function headline(advice: Advice): string {
  const { recommended, statements, candidates, searched, explained, hypopg, exact, cut, budgetMb } = advice;
  const before = sum(statements.map((each) => each.before));
  const after = sum(statements.map((each) => each.after));
  const bytes = sum(recommended.map((each) => each.bytes ?? 0));
  const limit = budgetMb === undefined ? "" : ` of ${megabytes(budgetMb * 1e6)}`;
  const said = [
    recommended.length === 0
      ? `No index to recommend for ${counted(statements.length, "statement")}.`
      : `${counted(recommended.length, "index", "indexes")} to create, about ${megabytes(bytes)}${limit}.`,
  ];
  if (hypopg !== undefined && statements.length > 0)
    said.push(
      `Planner total of ${counted(statements.length, "statement")}: ${units(before)} → ${units(after)}${percent(before, after)}, by hypopg ${hypopg}.`,
    );
  if (hypopg !== undefined && candidates > 0)
    said.push(
      exact
        ? `No better set among the ${searched.length} best of ${counted(candidates, "candidate")} (${counted(explained, "plan")}).`
        : `${counted(candidates, "candidate")}, ${counted(explained, "plan")}.`,
    );
  if (cut) said.push("Time ran out: this is the best found so far; raise max_seconds, or give fewer statements.");
  return said.join(" ");
}

function recommendation({ ddl, bytes, gains, upkeep, verified, notes }: Recommended, at: number): string[] {
  const about = [
    bytes === undefined ? "size unknown" : `about ${megabytes(bytes)}`,
    verified ? "verified by hypopg" : "unverified: by rules over statistics",
    upkeep.entries > 0 ? `${count(upkeep.entries)} entries written by now` : "",
    upkeep.hotLost > 0 ? `ends ${count(upkeep.hotLost)} HOT updates (a column of it is updated)` : "",
    ...notes,
  ];
  return [
    `${at + 1}. ${ddl}`,
    `   ${about.filter(Boolean).join("; ")}`,
    ...limited(gains.map(gainLine), MOST_GAINS).map((line) => `   ${line}`),
  ];
}

function gainLine({ id, before, after, change }: Gain): string {
  return `${id} ${units(before)} → ${change === undefined ? "about " : ""}${units(after)}${change === undefined ? "" : `: ${change}`}`;
}

function finding({ ddl, why, bytes }: Finding): string {
  return `${ddl} -- ${why}${bytes === undefined ? "" : `; ${megabytes(bytes)}`}`;
}

function rejections({ rejected }: Advice): string[] {
  // Those that nobody uses are many and tell little: only counted.
  const dull = rejected.filter(
    ({ why }) => why === "the planner does not use it" || why === "a smaller one saves as much",
  );
  const telling = rejected.filter((each) => !dull.includes(each));
  const lines = limited(
    telling.map(
      (each) =>
        `${shortIndex(each.definition)}${each.bytes === undefined ? "" : `, ${megabytes(each.bytes)}`}: ${each.why}`,
    ),
    MOST_REJECTED,
  );
  const unused = dull.filter(({ why }) => why === "the planner does not use it").length;
  if (unused > 0) lines.push(`${unused} more: the planner does not use them`);
  if (dull.length > unused) lines.push(`${dull.length - unused} more: a smaller one saves as much`);
  return lines;
}

function statementLine({ id, sql, calls, ms, before, after }: AdvisedStatement): string {
  const measured = ms === undefined ? "" : `, ${counted(calls, "call")}, ${count(ms)} ms`;
  const costs = before === after ? units(before) : `${units(before)} → ${units(after)}`;
  return `${id} ${costs}${measured}: ${short(sql, SQL_LENGTH)}`;
}

function caveats({ hypopg, findings, statisticsSince, notes, ignored, statements }: Advice): string {
  const said = [...notes];
  if (hypopg === undefined)
    said.push(
      "Nothing here was tried: hypopg is not installed. Ask the person to install it (package postgresql-NN-hypopg) and run CREATE EXTENSION hypopg; then call again.",
    );
  if (findings.some(({ kind }) => kind === "unused"))
    said.push(
      `"Never scanned" counts since ${statisticsSince === undefined ? "the database was created or recovered" : statisticsSince}, on this server only: look at standbys before dropping.`,
    );
  if (ignored > 0) said.push(`${ignored} recorded statements concern the catalog or other tables.`);
  if (statements.some(({ ms }) => ms !== undefined))
    said.push("Recorded statements have lost their literals: generic plans.");
  return said.length > 0 ? `\n${said.join("\n")}` : "";
}

function section(title: string, lines: readonly string[]): string {
  return lines.length > 0 ? `${title}:\n${lines.join("\n")}` : "";
}

function limited(lines: readonly string[], most: number): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most), `… and ${lines.length - most} more`];
}

function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value >= 100 ? Math.round(value).toLocaleString("en-US") : value >= 1 ? value.toFixed(1) : Math.max(value, 0.01).toFixed(2)} MB`;
}

function units(cost: number): string {
  return cost >= 100 ? Math.round(cost).toLocaleString("en-US") : cost.toFixed(1);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function percent(before: number, after: number): string {
  return before > 0 && after !== before
    ? ` (${after < before ? "−" : "+"}${(Math.abs(1 - after / before) * 100).toFixed(1)} %)`
    : "";
}

function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
