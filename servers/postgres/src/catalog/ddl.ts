import { showInvisible } from "@mooring/core";
import { MOST_CHILDREN } from "./describe-sql.ts";
import type { Described, DescribedColumn, RowPolicy } from "./describe.ts";
import { shortCount } from "./figures.ts";
import { withoutHidden } from "./hidden.ts";
import { figuresOf, lineOf, wordOf } from "./lines.ts";
import { oneLine } from "../one-line.ts";
import { shownName } from "./shown-name.ts";
import { shortType } from "./type-name.ts";

/** Characters of a comment. */
const MOST_COMMENT = 1_000;
/** Common values of a column, and characters of each. */
const MOST_VALUES = 5;
const MOST_VALUE = 40;
const LEFT_OUT = "left out: it names what is kept back";

/** How a description is made: `hidden` are schemas that must not be named. */
export interface DdlOptions {
  readonly hidden: readonly string[];
}

/** An object as SQL that would create it, with what belongs to it in comments and statements below. */
export function ddlOf(object: Described, options: DdlOptions): string {
  const { kind } = object;
  if (kind === "function") return functionDdl(object, options);
  if (object.details.columns === undefined) return lineOf(object);
  return [
    ...remarks(object),
    kind === "view" || kind === "matview" ? viewDdl(object, options) : tableDdl(object, options),
    ...followers(object, options),
  ].join("\n");
}

/** `schema.table`, quoted and on one line. */
export function placeOf({ shownSchema, shownName: name }: Pick<Described, "shownSchema" | "shownName">): string {
  return `${shownName(shownSchema)}.${shownName(name)}`;
}

function remarks(object: Described): string[] {
  const { comment, details, closed } = object;
  const disk = details.disk === null || details.disk === undefined ? object.bytes : details.disk;
  const figures = figuresOf({ ...object, bytes: disk, closed: false }).replace(/^[ ,]+/, "");
  return [
    ...(comment === null ? [] : [`-- ${commentText(comment)}`]),
    ...(figures === "" ? [] : [`-- ${figures}${details.analyzed ? `, analyzed ${details.analyzed}` : ""}`]),
    ...(closed ? ["-- this login may not SELECT from it"] : []),
    ...(details.populated === false ? ["-- not populated: REFRESH MATERIALIZED VIEW fills it"] : []),
  ];
}

function tableDdl(object: Described, { hidden }: DdlOptions): string {
  const { kind, details, partitionKey } = object;
  const isPartition = details.bound !== null && details.bound !== undefined;
  const columns = (details.columns ?? []).map((column) => columnDdl(column, hidden));
  const constraints = (details.constraints ?? []).map(({ name, definition }) => ({
    text: `CONSTRAINT ${shownName(name)} ${withoutHidden(definition, hidden) ?? `/* ${LEFT_OUT} */`}`,
    remark: "",
  }));
  const parts = [...columns, ...constraints];
  const persistence = { u: "UNLOGGED ", t: "TEMPORARY " }[details.persistence ?? ""] ?? "";
  const parents = details.parents ?? [];
  const tail = [
    ...(!isPartition && parents.length > 0 ? [` INHERITS (${parents.map(shownName).join(", ")})`] : []),
    ...(partitionKey === null ? [] : [` PARTITION BY ${partitionKey}`]),
    ...(details.server ? [` SERVER ${shownName(details.server)}`] : []),
    ...(details.remote ? [` OPTIONS (${details.remote.map(oneLine).join(", ")})`] : []),
    ...(details.options ? [` WITH (${details.options.join(", ")})`] : []),
  ].join("");
  const of = isPartition ? `\n  -- partition of ${parents.map(shownName).join(", ")} ${details.bound}` : "";
  const body = parts.map(({ text, remark }, at) => `\n  ${text}${at < parts.length - 1 ? "," : ""}${remark}`).join("");
  return `CREATE ${persistence}${kind === "foreign" ? "FOREIGN " : ""}TABLE ${placeOf(object)} (${of}${body}${body === "" && of === "" ? "" : "\n"})${tail};`;
}

function columnDdl(column: DescribedColumn, hidden: readonly string[]): { text: string; remark: string } {
  const { name, type, required, identity, generated, collation, comment, masked, closed, inherited, stats } = column;
  const expression =
    column.default === null ? undefined : (withoutHidden(column.default, hidden) ?? `/* ${LEFT_OUT} */`);
  const text = [
    `${shownName(name)} ${shortType(type)}`,
    ...(collation === null ? [] : [`COLLATE ${shownName(collation)}`]),
    ...(required ? ["NOT NULL"] : []),
    ...(identity === "" ? [] : [`GENERATED ${identity === "a" ? "ALWAYS" : "BY DEFAULT"} AS IDENTITY`]),
    ...(expression === undefined
      ? []
      : [
          generated === ""
            ? `DEFAULT ${expression}`
            : `GENERATED ALWAYS AS (${expression}) ${generated === "v" ? "VIRTUAL" : "STORED"}`,
        ]),
  ].join(" ");
  const remarks = [
    ...(masked ? ["masked"] : []),
    ...(closed ? ["no SELECT right"] : []),
    ...(inherited ? ["inherited"] : []),
    ...(stats === null ? [] : statsText(stats)),
    ...(comment === null ? [] : [commentText(comment)]),
  ];
  return { text, remark: remarks.length > 0 ? ` -- ${remarks.join("; ")}` : "" };
}

function statsText({ nulls, distinct, values, shares }: NonNullable<DescribedColumn["stats"]>): string[] {
  const count = distinct < 0 ? `${percent(-distinct)} of rows distinct` : `${shortCount(distinct)} distinct`;
  const common = (values ?? []).slice(0, MOST_VALUES).map((value, at) => {
    const text = oneLine(value ?? "NULL");
    return `${text.length > MOST_VALUE ? `${text.slice(0, MOST_VALUE - 1)}…` : text} ${percent(shares?.[at] ?? 0)}`;
  });
  return [
    ...(distinct === 0 ? [] : [count]),
    ...(nulls === 0 ? [] : [`${percent(nulls)} null`]),
    ...(common.length === 0 ? [] : [`common: ${common.join(", ")}`]),
  ];
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? "<1%" : `${Math.round(share * 100)}%`;
}

function viewDdl(object: Described, { hidden }: DdlOptions): string {
  const { details } = object;
  const columns = (details.columns ?? []).map((column) => {
    const { text, remark } = columnDdl({ ...column, required: false }, hidden);
    return `\n  -- ${text}${remark.replace(" -- ", "; ")}`;
  });
  // What it reads was looked up: its text need not be searched.
  const definition = details.definition ?? undefined;
  const options = details.options ? ` WITH (${details.options.join(", ")})` : "";
  const head = `CREATE ${wordOf(object).toUpperCase()} ${placeOf(object)}${options} AS`;
  return `${head}${columns.join("")}\n${definition === undefined ? `-- definition ${LEFT_OUT}` : definition.trim()}`;
}

// Statements and remarks behind the object itself.
function followers(object: Described, { hidden }: DdlOptions): string[] {
  const { details } = object;
  const shown = (definition: string, what: string) => {
    const text = withoutHidden(definition, hidden);
    return text === undefined ? `-- ${what} ${LEFT_OUT}` : `${text.replace(/;$/, "")};`;
  };
  const { children } = details;
  const named = children?.first ?? [];
  const word = object.kind === "partitioned" ? "partition" : "child";
  return [
    ...(details.indexes ?? []).map(
      ({ definition, valid }) => `${shown(definition, "an index")}${valid ? "" : " -- INVALID: it is not used"}`,
    ),
    ...(details.statistics ?? []).map((definition) => shown(definition, "statistics")),
    ...(details.security ? [`-- row level security is on${details.forced ? ", also for the owner" : ""}`] : []),
    ...(details.policies ?? []).map((policy) =>
      shown(policyDdl(policy, placeOf(object)), `policy ${shownName(policy.name)}`),
    ),
    ...(details.triggers ?? []).map(({ name, enabled, definition }) => {
      const state = { D: " -- disabled", A: " -- fires always", R: " -- fires on replicas only" }[enabled] ?? "";
      return definition === null
        ? `-- trigger ${shownName(name)}: ${LEFT_OUT}`
        : `${shown(definition, `trigger ${shownName(name)}`)}${state}`;
    }),
    ...(details.rules ?? []).map((definition) => shown(definition, "a rule")),
    ...(details.references ?? []).map(
      ({ table, definition }) => `-- referenced by ${shownName(table)}: ${oneLine(definition)}`,
    ),
    ...named.map(({ name, bound }) => `-- ${word} ${shownName(name)}${bound === null ? "" : ` ${oneLine(bound)}`}`),
    ...(children && children.count > MOST_CHILDREN
      ? [`-- and ${children.count - MOST_CHILDREN} more of ${children.count}`]
      : []),
  ];
}

function policyDdl({ name, permissive, command, using, check, roles }: RowPolicy, place: string): string {
  const verb = { r: "SELECT", a: "INSERT", w: "UPDATE", d: "DELETE" }[command];
  return [
    `CREATE POLICY ${shownName(name)} ON ${place}`,
    ...(permissive ? [] : ["AS RESTRICTIVE"]),
    ...(verb === undefined ? [] : [`FOR ${verb}`]),
    `TO ${(roles ?? []).map(shownName).join(", ")}`,
    ...(using === null ? [] : [`USING (${using})`]),
    ...(check === null ? [] : [`WITH CHECK (${check})`]),
  ].join(" ");
}

function functionDdl(object: Described, { hidden }: DdlOptions): string {
  const { other, details } = object;
  const head = lineOf(object);
  const more = [
    `language ${oneLine(other.language ?? "")}`,
    ...(other.volatility === "v" ? ["volatile"] : []),
    ...(other.parallel === "u" ? [] : [`parallel ${other.parallel === "s" ? "safe" : "restricted"}`]),
    ...(other.settings ?? []).map((setting) => `set ${oneLine(setting)}`),
  ].join(", ");
  const body = details.definition
    ? `\n${withoutHidden(details.definition.trim(), hidden) ?? `-- definition ${LEFT_OUT}`}`
    : "";
  return `${head}\n  -- ${more}${body}`;
}

function commentText(comment: string): string {
  const text = showInvisible(oneLine(comment));
  return text.length > MOST_COMMENT ? `${text.slice(0, MOST_COMMENT - 1)}…` : text;
}
