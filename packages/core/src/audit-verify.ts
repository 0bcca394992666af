import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { hashesOf, NO_PREVIOUS } from "./audit-line.ts";

/** What the files of an audit folder prove. */
export type AuditVerdict =
  /** Each chain holds. `unfinished`: refs of intents without an outcome, in order; a crash or a kill leaves them. */
  | { readonly status: "ok"; readonly files: number; readonly records: number; readonly unfinished: readonly string[] }
  /** A line was changed, removed, added or moved. `line` counts from 1. */
  | { readonly status: "broken"; readonly file: string; readonly line: number; readonly reason: string }
  /** Only the last line of a file is incomplete, as a crash leaves it; the ones before hold. */
  | { readonly status: "torn"; readonly file: string; readonly line: number };

/** Longer lines are none of ours: a reader must not hold a whole file in memory. */
const LONGEST_LINE = 1 << 20;

/**
 * Checks every chain of an audit folder, reading each file once. It proves order and content within a file; it cannot see
 * a cut tail or a missing file. A broken file is reported before a torn one.
 * @throws the file system's error when the folder or a file cannot be read.
 */
export async function verifyAudit(dir: string): Promise<AuditVerdict> {
  const files = (await readdir(dir)).filter((name) => name.endsWith(".jsonl")).sort();
  let records = 0;
  let torn: AuditVerdict | undefined;
  const unfinished: string[] = [];
  for (const file of files) {
    const found = await verifyFile(join(dir, file));
    if ("reason" in found) return { status: "broken", file, ...found };
    if (found.torn) torn ??= { status: "torn", file, line: found.records + 1 };
    records += found.records;
    unfinished.push(...found.unfinished);
  }
  return torn ?? { status: "ok", files: files.length, records, unfinished };
}

interface Chain {
  readonly log: string;
  seq: number;
  prev: string;
  readonly open: Set<string>;
}

type FileVerdict =
  | { readonly line: number; readonly reason: string }
  | { readonly records: number; readonly torn: boolean; readonly unfinished: readonly string[] };

async function verifyFile(path: string): Promise<FileVerdict> {
  const chain: Chain = { log: basename(path, ".jsonl"), seq: 0, prev: NO_PREVIOUS, open: new Set() };
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      const reason = check(rest.subarray(from, end), chain);
      if (reason !== undefined) return { line: chain.seq + 1, reason };
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > LONGEST_LINE) return { line: chain.seq + 1, reason: "the line is longer than any record" };
  }
  return { records: chain.seq, torn: rest.length > 0 || chain.seq === 0, unfinished: [...chain.open] };
}

/** Why `line` is not the next of its chain; the chain moves on when it is. */
function check(line: Buffer, chain: Chain): string | undefined {
  const hashes = hashesOf(line);
  if (!hashes) return "the line has no hash";
  if (hashes.stated !== hashes.actual) return "the line was changed: its hash does not match";
  const record = parse(line);
  if (!record) return "the line is no JSON object";
  if (record["log"] !== chain.log) return "the line belongs to another file";
  if (record["seq"] !== chain.seq) return `record ${chain.seq} is missing or moved: this is ${String(record["seq"])}`;
  if (record["prev"] !== chain.prev) return "the line does not continue the one before";
  if ((record["kind"] === "start") !== (chain.seq === 0)) return "a file has one start record, its first";
  chain.seq++;
  chain.prev = hashes.stated;
  const { ref } = record;
  if (typeof ref === "string") {
    if (record["kind"] === "intent") chain.open.add(ref);
    else chain.open.delete(ref);
  }
  return undefined;
}

function parse(line: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
