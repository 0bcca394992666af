import { createHash, hash } from "node:crypto";
import { jsonLine } from "./json-line.ts";

/** The `prev` of a file's first record. */
export const NO_PREVIOUS = "0".repeat(64);

const SUFFIX = /,"hash":"([0-9a-f]{64})"\}$/;
const SUFFIX_LENGTH = ',"hash":""}'.length + 64;

/** A record as its line (without the newline) and its hash: SHA-256 of the line's exact bytes without the hash member. */
export function sealed(record: Readonly<Record<string, unknown>>): { readonly line: string; readonly hash: string } {
  const body = jsonLine(record);
  const digest = sha256(body);
  return { line: `${body.slice(0, -1)},"hash":"${digest}"}`, hash: digest };
}

/** The hash that a line states and the one its bytes have; undefined when it states none. */
export function hashesOf(line: Buffer): { readonly stated: string; readonly actual: string } | undefined {
  const stated = SUFFIX.exec(line.toString("latin1", Math.max(0, line.length - SUFFIX_LENGTH)))?.[1];
  if (stated === undefined) return undefined;
  const actual = createHash("sha256")
    .update(line.subarray(0, line.length - SUFFIX_LENGTH))
    .update("}")
    .digest("hex");
  return { stated, actual };
}

export function sha256(text: string): string {
  return hash("sha256", text, "hex");
}
