import { ToolError } from "@mooring/core";

/** Where a page ended: from the listed directory down, each entry with what it was sorted by. */
export type Trail = readonly (readonly [component: string, key: number])[];

/** The cursor for where a page ended. Nothing in it is trusted: it is only compared with names that are there. */
export function sealTrail(trail: Trail): string {
  return Buffer.from(JSON.stringify(trail.map(([name, key]) => (key === 0 ? name : [name, key])))).toString(
    "base64url",
  );
}

/** Throws `invalid_input` for anything that {@link sealTrail} did not make. */
export function openTrail(cursor: string): Trail {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length > 0 && parts.length <= 64)
      return parts.map((part: unknown): [string, number] => {
        if (typeof part === "string") return [part, 0];
        if (Array.isArray(part) && typeof part[0] === "string" && typeof part[1] === "number")
          return [part[0], part[1]];
        throw new Error("not a trail");
      });
  } catch {
    // falls through to the one answer
  }
  throw new ToolError("invalid_input", "The cursor is not one that `list` gave.", {
    hint: "Leave it out to start at the beginning.",
  });
}
