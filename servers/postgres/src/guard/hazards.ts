import type { Proving } from "./proving.ts";
import { refused, words } from "./refused.ts";
import { FIRST_OWN } from "./resolve.ts";

/** Casts to these are looked for wherever a value becomes JSON, whatever their context (json_categorize_type). */
const JSON_TYPES = new Set(["114", "3802"]);

/** Throws `denied` for what no name in a statement shows: casts, comparisons, input and output of types. */
export function refuseHazards({ hazards, named, inPlay, writing, compared }: Proving): void {
  for (const { what, of, source, target, context, schema, name } of hazards) {
    if (what === "operator family" && !compared.yes) continue;
    const own = (oid: string) => Number(oid) >= FIRST_OWN;
    const there = (oid: string) => !own(oid) || inPlay.has(oid);
    const written = named.has(target) || (compared.yes && JSON_TYPES.has(target) && own(source) && inPlay.has(source));
    const hit =
      context === "i"
        ? there(source) && there(target)
        : context === "e"
          ? written && there(source)
          : context === "a" && (written || writing) && there(source) && (written || there(target));
    if (hit)
      throw refused(
        words`the ${what} ${of}, which runs ${schema}.${name},`,
        words`It may run without being named: use built-in types, or ask the person for --allow-function ${schema}.${name}.`,
      );
  }
}
