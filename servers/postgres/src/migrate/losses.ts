import { shortType } from "../catalog/type-name.ts";
import type { Retyped } from "./diff.ts";
import type { Step } from "./step.ts";
import { child, listOf, textOf } from "../parse-tree.ts";

/** A type of PostgreSQL's own, as `format_type` writes it. */
interface Type {
  /** `numeric` */
  readonly name: string;
  /** `12`, `2` of `numeric(12,2)`. */
  readonly modifiers: readonly number[];
  /** `[]` of an array. */
  readonly array: string;
  /** `numeric(12,2)` */
  readonly shown: string;
}

// No other type's values are judged here, so no name of the database gets into what is said.
const OWN =
  /^(smallint|integer|bigint|real|double precision|numeric|money|text|character varying|character|"char"|name|bytea|json|jsonb|xml|uuid|boolean|date|interval|inet|cidr|bit varying|bit|time|timestamp)(?:\((\d+)(?:,(-?\d+))?\))?( with(?:out)? time zone)?((?:\[\])*)(?= |$)/;

/** The type that the definition of a column begins with; `undefined` for one of the database. */
function typeOf(definition: string): Type | undefined {
  const [shown, name, first, second, zone = "", array = ""] = OWN.exec(definition) ?? [];
  if (shown === undefined || name === undefined) return undefined;
  const modifiers = [first, second].filter((each) => each !== undefined).map(Number);
  return { name: `${name}${zone}`, modifiers, array, shown: shortType(shown) };
}

const whole: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 };
/** Significant digits that survive: https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT */
const floating: Readonly<Record<string, number>> = { real: 6, "double precision": 15 };
const characters = new Set(["text", "character varying", "character", "name", "xml"]);
const timestamps = new Set(["timestamp with time zone", "timestamp without time zone"]);
/** Digits of seconds unless said. */
const MICROSECONDS = 6;
/** Bytes of a `name`. */
const NAME_LENGTH = 63;

/**
 * What a change of type does to values: nothing is said of one that keeps them all. Names no column: a person and a model see
 * which in the change itself. https://www.postgresql.org/docs/current/sql-createcast.html: a change without USING casts as an
 * assignment does, which rounds numbers and dates silently and refuses text that is too long.
 */
export function lossesOf({ node, body }: Pick<Step, "node" | "body">, retyped: readonly Retyped[]): string[] {
  if (node !== "AlterTableStmt") return [];
  const using = new Set(
    listOf(body["cmds"])
      .map((each) => child(each, "AlterTableCmd"))
      .filter((command) => command?.["subtype"] === "AT_AlterColumnType")
      .filter((command) => child(command?.["def"], "ColumnDef")?.["raw_default"] !== undefined)
      .map((command) => textOf(command?.["name"])),
  );
  const found = retyped.flatMap(({ was, is }) => {
    const [from, to] = [typeOf(was.definition), typeOf(is.definition)];
    if (!from || !to || from.array !== to.array) return [];
    const casts = using.has(unquoted(is.name));
    const loss = lossOf(from, to, casts);
    return loss === undefined
      ? []
      : [`${from.shown} -> ${to.shown}${casts ? ", as far as USING casts" : ""}: ${loss}.`];
  });
  return [...new Set(found)];
}

function lossOf(from: Type, to: Type, casts: boolean): string | undefined {
  return ofNumbers(from, to) ?? ofTimes(from, to) ?? ofText(from, to, casts) ?? ofDocuments(from, to);
}

function ofNumbers(from: Type, to: Type): string | undefined {
  const digits = whole[to.name];
  if (digits !== undefined) {
    const fromDigits = whole[from.name];
    if (fromDigits !== undefined)
      return fromDigits > digits
        ? "values beyond its range are refused, those that are written until it is applied too"
        : undefined;
    if (from.name === "numeric" && (from.modifiers[1] ?? 0) <= 0 && from.modifiers.length > 0)
      return "values beyond its range are refused";
    if (from.name === "numeric" || from.name in floating || from.name === "money")
      return "values are rounded to whole numbers, silently and for good";
    return undefined;
  }
  const kept = floating[to.name];
  if (kept !== undefined) {
    if ((whole[from.name] ?? 0) > kept || from.name === "numeric" || (floating[from.name] ?? 0) > kept)
      return `values are rounded to about ${kept} significant digits, silently and for good`;
    return undefined;
  }
  if (to.name === "numeric") {
    if (from.name in floating) return `only ${floating[from.name]} significant digits are taken over`;
    if (from.name === "numeric" && to.modifiers.length > 0) {
      const scale = to.modifiers[1] ?? 0;
      const [precision = Infinity, had = from.modifiers.length > 0 ? 0 : Infinity] = from.modifiers;
      if (had > scale) return `values are rounded to ${decimals(scale)}, silently and for good`;
      if (precision - had > (to.modifiers[0] ?? 0) - scale) return "values with more digits are refused";
    }
  }
  return undefined;
}

function ofTimes(from: Type, to: Type): string | undefined {
  if (timestamps.has(from.name)) {
    const zoned = from.name === "timestamp with time zone";
    if (to.name === "date")
      return `the time of day is dropped for good${zoned ? "; TimeZone of the session decides the day" : ""}`;
    if (to.name.startsWith("time ")) return "the date is dropped for good";
    if (timestamps.has(to.name) && to.name !== from.name)
      return zoned
        ? "the instant is lost: values become local times in TimeZone of the session"
        : "values are taken for local times in TimeZone of the session";
  }
  const precision = ({ name, modifiers }: Type) =>
    timestamps.has(name) || name.startsWith("time ") ? (modifiers[0] ?? MICROSECONDS) : undefined;
  const [had, has] = [precision(from), precision(to)];
  return had !== undefined && has !== undefined && had > has
    ? `seconds are rounded to ${decimals(has)}, silently and for good`
    : undefined;
}

function ofText(from: Type, to: Type, casts: boolean): string | undefined {
  if (!characters.has(to.name) || !characters.has(from.name)) return undefined;
  if (to.name === "name")
    return from.name === "name" ? undefined : `text beyond ${NAME_LENGTH} bytes is cut, silently and for good`;
  const limit = to.name === "character" ? (to.modifiers[0] ?? 1) : to.modifiers[0];
  const had = from.name === "name" ? NAME_LENGTH : (from.modifiers[0] ?? Infinity);
  if (limit === undefined || had <= limit) return undefined;
  return casts
    ? `a cast in USING cuts text beyond ${limit} characters, silently and for good`
    : `text beyond ${limit} characters is refused, also what is written until it is applied`;
}

function ofDocuments(from: Type, to: Type): string | undefined {
  return from.name === "json" && to.name === "jsonb"
    ? "order of keys, repeated keys and spaces are dropped for good"
    : undefined;
}

function decimals(n: number): string {
  return `${n} decimal${n === 1 ? "" : "s"}`;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
