import { createHash } from "node:crypto";
import { ToolError } from "@mooring/core";
import type { Position } from "./position.ts";

/** What a cursor belongs to: pages of one query over the same directories. */
export function queryHash(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 6);
}

/**
 * A position as text that models copy faithfully and that costs few tokens: the path stays readable. Not signed: it only
 * says where to go on, and a forged one shows nothing that the same search would not show.
 */
export function encodeCursor(hash: string, { root, key, resume }: Position): string {
  const inFile = resume ? [resume.line, resume.count, resume.offset ?? "", resume.mtimeMs ?? ""].join("_") : "";
  const path = key.split("\0").map(escapeName).join("/");
  return `${hash}~${root}~${inFile}~${path}`;
}

/** Throws `invalid_input` for what is no cursor of this query over so many directories. */
export function decodeCursor(hash: string, cursor: string, directories: number): Position {
  const parts = /^([\w-]{6})~(\d{1,4})~(?:(\d{1,15})_(\d{1,15})_(\d{0,15})_([\d.]{0,20}))?~([^~]*)$/.exec(cursor);
  const [, given, root, line, count, offset, mtimeMs, path = ""] = parts ?? [];
  if (!parts || Number(root) >= directories)
    throw new ToolError("invalid_input", "The cursor is not valid.", {
      hint: "Send it exactly as the last answer gave it, or leave it out to start again.",
    });
  if (given !== hash)
    throw new ToolError("invalid_input", "The cursor belongs to another search.", {
      hint: "Repeat the arguments of the search that gave it; only `limit` and `context` may differ.",
    });
  const key = path.split("/").map(unescapeName).join("\0");
  if (line === undefined) return { root: Number(root), key };
  const resume = { line: Number(line), count: Number(count) };
  return {
    root: Number(root),
    key,
    resume: offset ? { ...resume, offset: Number(offset), mtimeMs: Number(mtimeMs) } : resume,
  };
}

function escapeName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.+@=,-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function unescapeName(text: string): string {
  return text.replace(/%([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
