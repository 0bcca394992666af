import { ToolError } from "@mooring/core";
import type { Inspection, Name } from "./proof.ts";
import { refused } from "./refused.ts";
import { type Candidate, FIRST_OWN } from "./resolve.ts";

/** Temporary objects are those of whichever session runs the statement. */
const temporary = /^pg_(toast_)?temp(_\d+)?$/;

/** Throws `denied` for names that no catalog of ours can say anything of. */
export function refuseNames({ functions, operators, types, relations }: Inspection): void {
  for (const name of relations)
    if (name.length > 2) throw refused(`the name ${name.join(".")}`, "Leave the database out.");
  for (const name of [...functions, ...operators, ...types, ...relations]) {
    const schema = name.at(-2) ?? "";
    if (temporary.test(schema)) throw refused(`the schema ${schema}`, "Temporary objects cannot be used here.");
    if (schema === "pg_toast") throw refused("the schema pg_toast", "It holds raw values: query the tables.");
  }
}

// Where a character is one byte, the server writes such a name in lower case; the parser, which takes UTF-8, does not.
export function refuseOtherCase({ functions, operators, types, relations, fields }: Inspection): void {
  for (const name of [...functions, ...operators, ...types, ...relations, fields].flat())
    if (
      name.replace(/[A-Z]/g, "") !== name.replace(/[A-Z]/g, "").toLowerCase() ||
      (Buffer.byteLength(name) > 58 && /[^\0-\u007f]/.test(name))
    )
      throw refused(`the name ${name}`, "This database's encoding is not UTF-8: use a shorter name in lower case.");
}

/** The relation that a name means: the first of the search path. */
export function pick(name: Name, found: readonly Candidate[]): Candidate {
  const [first] = [...found].sort((a, b) => Number(a.place) - Number(b.place));
  if (!first)
    throw new ToolError("not_found", `There is no relation ${name.join(".")}, or it is not in the search path.`, {
      hint: "`schema` finds its name.",
    });
  return first;
}

// By OID as well: a superuser may put relations of his own into these schemas.
export function isSystem({ schema, oid }: Candidate): boolean {
  return (schema === "pg_catalog" || schema === "information_schema") && Number(oid) < FIRST_OWN;
}
